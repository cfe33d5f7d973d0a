(use-modules (sightings))

(define morning "[
  {\"species\": \"robin\", \"count\": 2},
  {\"species\": \"wren\", \"count\": 1},
  {\"species\": \"robin\", \"count\": 3}
]")

(for-each (lambda (species)
            (display (string-append species ": " (number->string (count-birds species morning))))
            (newline))
          '("robin" "wren" "owl"))
