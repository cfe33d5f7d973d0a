# Installs what the app (jsonlite) and its tests (tinytest) need into the project's own library.
options(warn = 2)
dir.create("library", showWarnings = FALSE)
install.packages(c("jsonlite", "tinytest"), lib = "library", repos = getOption("repos")["CRAN"])
