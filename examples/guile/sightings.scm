;;; Counts what was seen, in lists of sightings as JSON.
(define-module (sightings)
  #:use-module (json)
  #:use-module (srfi srfi-1)
  #:export (count-birds))

;; The number of birds of a species in TEXT: a JSON array of objects with `species` and `count`.
(define (count-birds species text)
  (fold (lambda (sighting sum)
          (if (string=? (assoc-ref sighting "species") species)
              (+ sum (assoc-ref sighting "count"))
              sum))
        0
        (vector->list (json-string->scm text))))
