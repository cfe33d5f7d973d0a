#lang racket/base

(require "census.rkt"
         rackunit
         rackunit/text-ui)

(define tests
  (test-suite "census"
    (test-equal? "nothing was seen" (census "") '())
    (test-equal? "in the order of the words" (census "wren robin wren") '("robin: 1" "wren: 2"))))

;; The number of failures: 0 is success.
(exit (run-tests tests))
