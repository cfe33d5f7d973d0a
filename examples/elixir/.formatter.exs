[inputs: ["mix.exs", "{lib,test}/**/*.{ex,exs}"], import_deps: [:nimble_parsec]]
