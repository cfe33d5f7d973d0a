import unittest

from app import names_of


class NamesTest(unittest.TestCase):
    def test_every_part_is_named_after_the_model(self):
        names = names_of("OrderItem")
        self.assertEqual(names.table, "order_items")
        self.assertEqual(names.path, "/order-items")
        self.assertEqual(names.label, "Order items")

    def test_irregular_plurals(self):
        self.assertEqual(names_of("Child").table, "children")
        self.assertEqual(names_of("Mouse").path, "/mice")


if __name__ == "__main__":
    unittest.main()
