from __future__ import unicode_literals

import unittest

from app import tally


class TallyTest(unittest.TestCase):
    def test_many_are_plural(self):
        self.assertEqual(tally(["thrush", "thrush"]), ["2 thrushes"])

    def test_one_is_singular(self):
        self.assertEqual(tally(["thrush", "owl"]), ["1 owl", "1 thrush"])


if __name__ == "__main__":
    unittest.main()
