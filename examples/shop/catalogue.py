"""The products: `python3 catalogue.py products.csv catalogue.db` makes a database that the server only reads."""

from __future__ import annotations

import csv
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


class Catalogue:
    """The products of one database file."""

    def __init__(self, database: Path) -> None:
        self.database = database

    def products(self) -> list[dict[str, object]]:
        """Every product, the cheapest first."""
        return self._rows("SELECT name, cents FROM products ORDER BY cents, name")

    def is_readable(self) -> bool:
        try:
            return bool(self._rows("SELECT name, cents FROM products LIMIT 1"))
        except sqlite3.Error:
            return False

    def _rows(self, query: str, *values: object) -> list[dict[str, object]]:
        with self._open() as connection:
            return [{"name": name, "cents": cents} for name, cents in connection.execute(query, values)]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True)) as connection:
            yield connection


def build(table: Path, database: Path) -> int:
    """Write a new database with the products of a table; how many there are."""
    with table.open(newline="", encoding="utf-8") as file:
        rows = [(row["name"], int(row["cents"])) for row in csv.DictReader(file)]
    database.unlink(missing_ok=True)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE products (name TEXT PRIMARY KEY, cents INTEGER NOT NULL)")
        connection.executemany("INSERT INTO products VALUES (?, ?)", rows)
    return len(rows)


if __name__ == "__main__":
    print(f"{build(Path(sys.argv[1]), Path(sys.argv[2]))} products")
