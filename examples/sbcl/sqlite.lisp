;;;; As much of SQLite as it takes to ask for one value: https://sqlite.org/c3ref/funclist.html

(defpackage :sqlite
  (:use :common-lisp :sb-alien)
  (:export :query))
(in-package :sqlite)

(load-shared-object (merge-pathnames "vendor/libsqlite3.so" *load-truename*))

;; What SQLite hands out and takes back, without a word on what is there.
(define-alien-type address unsigned-long)

(define-alien-routine "sqlite3_open" int (path c-string) (database address :out))
(define-alien-routine "sqlite3_close" int (database address))
(define-alien-routine "sqlite3_errmsg" c-string (database address))
(define-alien-routine "sqlite3_prepare_v2" int
  (database address) (sql c-string) (bytes int) (statement address :out) (rest address :out))
(define-alien-routine "sqlite3_step" int (statement address))
(define-alien-routine "sqlite3_finalize" int (statement address))
(define-alien-routine "sqlite3_column_text" c-string (statement address) (column int))

(defconstant +row+ 100)

(defun query (sql)
  "The first value that a statement gives, as text; NIL when it gives no row. Signals an error for wrong SQL."
  (multiple-value-bind (status database) (sqlite3-open ":memory:")
    (declare (ignore status))
    (unwind-protect
         (multiple-value-bind (status statement) (sqlite3-prepare-v2 database sql -1)
           (unless (zerop status) (error "~a: ~a" sql (sqlite3-errmsg database)))
           (unwind-protect
                (when (= (sqlite3-step statement) +row+) (sqlite3-column-text statement 0))
             (sqlite3-finalize statement)))
      (sqlite3-close database))))
