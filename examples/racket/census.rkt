#lang racket/base

;; Counts what was seen.

(require racket/list
         racket/string
         threading)

(provide census)

;; string? -> (listof string?)
;; How often each word of a list of sightings is in it, in the order of the words: "robin: 3".
(define (census sightings)
  (~> sightings
      string-split
      (group-by values _)
      (sort string<? #:key first)
      (map (lambda (group) (format "~a: ~a" (first group) (length group))) _)))
