#lang racket/base

(require "census.rkt")

(for-each displayln (census "wren robin robin owl wren robin"))
