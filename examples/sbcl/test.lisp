(require :sb-rt)
(load (merge-pathnames "sqlite" *load-truename*))

(sb-rt:deftest a-value (sqlite:query "SELECT upper('robin')") "ROBIN")
(sb-rt:deftest no-row (sqlite:query "SELECT 1 WHERE 0") nil)
(sb-rt:deftest wrong-sql (handler-case (sqlite:query "SELEKT 1") (error () :refused)) :refused)

(unless (sb-rt:do-tests) (exit :code 1))
