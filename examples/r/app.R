source("weights.R")

visits <- '[
  {"bird": "wren", "grams": 9.1},
  {"bird": "robin", "grams": 18.4},
  {"bird": "wren", "grams": 8.7}
]'
cat(mean_weights(visits), "\n", sep = "")
