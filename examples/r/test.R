results <- tinytest::run_test_file("test_weights.R")
print(results)
if (!tinytest::all_pass(results)) quit(status = 1)
