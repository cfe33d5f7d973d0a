switch("passL", thisDir() & "/vendor/libz.a")
