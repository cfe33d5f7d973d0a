require "./letter"

LETTER = "H4sIAAAAAAACAwvJSFUoL0rNK1bISCxLVcjNL0tNUcjMK8lXKAHKlGRkFqUoJOVX6AEAi2o+hSgAAAA="

puts Letter.unpack(LETTER)
