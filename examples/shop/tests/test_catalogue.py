import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from catalogue import Catalogue, build  # noqa: E402


class CatalogueTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.database = Path(folder.name) / "catalogue.db"

    def test_every_product_of_the_table_is_for_sale(self) -> None:
        count = build(HERE.parent / "products.csv", self.database)

        self.assertEqual(count, len(Catalogue(self.database).products()))

    def test_catalogue_without_a_database_is_not_readable(self) -> None:
        self.assertFalse(Catalogue(self.database).is_readable())


if __name__ == "__main__":
    unittest.main()
