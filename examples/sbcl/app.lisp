(load (merge-pathnames "sqlite" *load-truename*))

(defun eggs-laid ()
  (sqlite:query "WITH nests (species, eggs) AS (VALUES ('robin', 5), ('wren', 7), ('tit', 9))
                 SELECT sum(eggs) || ' eggs in ' || count(*) || ' nests' FROM nests"))

(write-line (eggs-laid))
