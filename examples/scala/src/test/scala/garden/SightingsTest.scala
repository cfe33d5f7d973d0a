package garden

class SightingsTest extends munit.FunSuite:
  test("counts each bird once, the most frequent first"):
    val seen = Seq(Sighting("Robin", 1), Sighting("Wren", 1), Sighting("Wren", 1))
    assertEquals(page(seen), "<ul><li>Wren: 2</li><li>Robin: 1</li></ul>")

  test("escapes what is no HTML"):
    assertEquals(page(Seq(Sighting("<b>", 1))), "<ul><li>&lt;b&gt;: 1</li></ul>")
