# The mean weight of each bird in grams, rounded to a tenth, as JSON.
# visits: JSON, an array of objects with bird and grams.
mean_weights <- function(visits) {
  visits <- jsonlite::fromJSON(visits)
  means <- tapply(visits$grams, visits$bird, mean)
  jsonlite::toJSON(as.list(round(means, 1)), auto_unbox = TRUE)
}
