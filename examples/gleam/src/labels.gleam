//// Names for the files that nest boxes' cameras write.

import gleam/int
import gleam/io
import gleam/list
import gleam/string
import justin

/// The name of a box's picture: `blue-tit-07.jpg`.
pub fn picture(bird: String, box: Int) -> String {
  let number = string.pad_start(int.to_string(box), to: 2, with: "0")
  justin.kebab_case(bird) <> "-" <> number <> ".jpg"
}

pub fn main() {
  [#("Blue tit", 7), #("greatTit", 12), #("Starling", 3)]
  |> list.map(fn(nest) { picture(nest.0, nest.1) })
  |> list.each(io.println)
}
