(ns garden.song-test
  (:require [clojure.test :refer [deftest is]]
            [garden.song :refer [page]]))

(deftest early-birds-come-first
  (is (= "<table><tr><td>Robin</td><td>04:00</td></tr><tr><td>Wren</td><td>05:00</td></tr></table>"
         (page [{:name "Wren" :sings 5} {:name "Robin" :sings 4}]))))

(deftest names-are-escaped
  (is (= "<table><tr><td>Tit &amp; co.</td><td>12:00</td></tr></table>"
         (page [{:name "Tit & co." :sings 12}]))))
