(include "flock.scm")
(import flock (chicken string))

(define morning '("wren" "robin" "wren" "jay"))
(define evening '("owl" "robin" "wren"))

(print "Seen twice: " (string-intersperse (seen-on-both morning evening) ", "))
