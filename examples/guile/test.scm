(use-modules (sightings) (srfi srfi-64))

(define list-of-three
  "[{\"species\": \"robin\", \"count\": 2}, {\"species\": \"wren\", \"count\": 1}, {\"species\": \"robin\", \"count\": 4}]")

(test-begin "sightings")
(test-equal "adds up one species" 6 (count-birds "robin" list-of-three))
(test-equal "nobody was seen" 0 (count-birds "robin" "[]"))
(test-error "wants JSON" #t (count-birds "robin" "two robins"))
(let ((failures (test-runner-fail-count (test-runner-current))))
  (test-end "sightings")
  (exit (zero? failures)))
