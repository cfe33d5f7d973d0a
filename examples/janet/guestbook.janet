(import ./vendor/spork/spork/htmlgen)

(defn page
  "The guests as a list in HTML, sorted: an array of strings."
  [guests]
  (string (htmlgen/html [:ul ;(map (fn [guest] [:li guest]) (sorted guests))])))
