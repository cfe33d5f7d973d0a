package garden

import kotlinx.datetime.DateTimeUnit
import kotlinx.datetime.LocalDate
import kotlinx.datetime.plus

/** A clutch of eggs: whose they are, the day of the last of them, and how long they are brooded. */
data class Clutch(val bird: String, val laid: LocalDate, val days: Int) {
    val hatches: LocalDate get() = laid.plus(days, DateTimeUnit.DAY)
}

/** What to look for from a day on: the clutches that hatch on it or later, the next one first. */
fun calendar(clutches: List<Clutch>, from: LocalDate): List<String> =
    clutches
        .filter { it.hatches >= from }
        .sortedBy { it.hatches }
        .map { "${it.hatches}: ${it.bird}" }

fun main() {
    val clutches = listOf(
        Clutch("Starling", LocalDate(2026, 4, 20), days = 12),
        Clutch("Great tit", LocalDate(2026, 4, 17), days = 14),
        Clutch("Robin", LocalDate(2026, 4, 2), days = 13),
    )
    calendar(clutches, from = LocalDate(2026, 5, 1)).forEach(::println)
}
