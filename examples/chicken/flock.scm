;; Who was seen on both of two walks.
(module flock (seen-on-both)
  (import scheme (chicken base) (chicken sort) srfi-1)

  ;; The birds of two lists of strings, each once, sorted.
  (define (seen-on-both first second)
    (sort (delete-duplicates (lset-intersection string=? first second) string=?) string<?)))
