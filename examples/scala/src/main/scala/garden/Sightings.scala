package garden

import scalatags.Text.all.*

/** A bird as it was seen, and how many of it. */
case class Sighting(bird: String, count: Int)

/** The sightings as a list in HTML: each bird once, the most frequent first. */
def page(sightings: Seq[Sighting]): String =
  val totals = sightings.groupMapReduce(_.bird)(_.count)(_ + _).toSeq
  val sorted = totals.sortBy((bird, count) => (-count, bird))
  ul(for (bird, count) <- sorted yield li(s"$bird: $count")).render

@main def sightings(): Unit =
  println(page(Seq(Sighting("Wren", 1), Sighting("Tit & co.", 4), Sighting("Wren", 2))))
