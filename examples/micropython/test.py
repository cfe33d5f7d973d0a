import sys

# Where mip has put the dependencies.
sys.path.insert(0, "lib")

import unittest
from datetime import date

from app import leaves


class LeavesTest(unittest.TestCase):
    def test_counts_the_days_of_a_leap_year(self):
        self.assertEqual(leaves("Robin", date(2028, 2, 10)), date(2028, 3, 8))

    def test_does_not_guess(self):
        self.assertIsNone(leaves("Dodo", date(2026, 1, 1)))


if __name__ == "__main__":
    # Its exit code says whether all have passed.
    unittest.main()
