"""A smoke test: the shop at this address sells something. Its exit status judges: python3 deploy/smoke.py URL"""

from __future__ import annotations

import json
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit


def main(address: str) -> int:
    shop = HTTPConnection(urlsplit(address).netloc, timeout=5)
    shop.request("GET", "/products")
    products = json.load(shop.getresponse())
    shop.close()
    print(f"{len(products)} products")
    return 0 if products else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
