(ns garden.song
  "Writes a page about what sings in the garden."
  (:require [hiccup2.core :as hiccup])
  (:gen-class))

(defn page
  "The birds as a table in HTML, the early ones first; each has a :name and the hour it :sings at."
  [birds]
  (str (hiccup/html
        [:table
         (for [{:keys [name sings]} (sort-by (juxt :sings :name) birds)]
           [:tr [:td name] [:td (format "%02d:00" sings)]])])))

(defn -main
  [& _arguments]
  (println (page [{:name "Wren" :sings 5}
                  {:name "Blackbird" :sings 4}
                  {:name "Robin" :sings 4}])))
