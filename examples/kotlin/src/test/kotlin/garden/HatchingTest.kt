package garden

import kotlinx.datetime.LocalDate
import kotlin.test.Test
import kotlin.test.assertEquals

class HatchingTest {
    private val robin = Clutch("Robin", LocalDate(2028, 2, 20), days = 13)

    @Test
    fun `counts the days of a leap year`() {
        assertEquals(LocalDate(2028, 3, 4), robin.hatches)
    }

    @Test
    fun `leaves out what has hatched`() {
        assertEquals(listOf("2028-03-04: Robin"), calendar(listOf(robin), LocalDate(2028, 3, 4)))
        assertEquals(emptyList(), calendar(listOf(robin), LocalDate(2028, 3, 5)))
    }
}
