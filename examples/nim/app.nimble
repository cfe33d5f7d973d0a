version = "1.0.0"
author = "Birdhouse"
description = "Checksums of messages"
license = "MIT"
srcDir = "src"
bin = @["app"]

requires "nim >= 1.6"

# A C library, which Nim calls as its own: the file of Alpine's package, without installing it. Packages of
# Nimble's go here as they do everywhere, with `requires`.
task dependencies, "fetch zlib into this folder":
  mkDir "vendor"
  exec "apk fetch --no-cache --quiet --stdout zlib-static | tar -xz -C vendor"
  exec "find vendor -name libz.a -exec mv {} vendor/libz.a ';'"
