;;;; As much of SQLite as it takes to ask for one value: https://sqlite.org/c3ref/funclist.html

(defpackage :sqlite
  (:use :common-lisp :sb-alien)
  (:export :query))
(in-package :sqlite)

(load-shared-object (merge-pathnames "vendor/libsqlite3.so" *load-truename*))

(define-alien-routine "sqlite3_open" int (path c-string) (database (* t) :out))
(define-alien-routine "sqlite3_close" int (database (* t)))
(define-alien-routine "sqlite3_errmsg" c-string (database (* t)))
(define-alien-routine "sqlite3_prepare_v2" int
  (database (* t)) (sql c-string) (bytes int) (statement (* t) :out) (rest (* t) :out))
(define-alien-routine "sqlite3_step" int (statement (* t)))
(define-alien-routine "sqlite3_finalize" int (statement (* t)))
(define-alien-routine "sqlite3_column_text" c-string (statement (* t)) (column int))

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
