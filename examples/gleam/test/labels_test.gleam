import gleeunit
import gleeunit/should
import labels

pub fn main() {
  gleeunit.main()
}

pub fn words_are_joined_test() {
  labels.picture("Long eared owl", 12)
  |> should.equal("long-eared-owl-12.jpg")
}

pub fn numbers_have_two_digits_test() {
  labels.picture("Wren", 1)
  |> should.equal("wren-01.jpg")
}
