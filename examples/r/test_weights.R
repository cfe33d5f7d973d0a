source("weights.R")

expect_equal(
  as.character(mean_weights('[{"bird": "wren", "grams": 8}, {"bird": "wren", "grams": 10}]')),
  '{"wren":9}'
)
expect_equal(
  as.character(mean_weights('[{"bird": "swift", "grams": 41.26}]')),
  '{"swift":41.3}'
)
