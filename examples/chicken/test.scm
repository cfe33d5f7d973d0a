(include "flock.scm")
(import flock test)

(test-begin "flock")
(test "each bird once, sorted" '("jay" "wren") (seen-on-both '("wren" "jay" "wren") '("jay" "wren" "owl")))
(test "nothing in common" '() (seen-on-both '("wren") '("jay")))
(test-end "flock")

(test-exit)
