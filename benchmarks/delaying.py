"""A server whose delays are known: each client meets the same hundred of them in the same order, again and again.

Most are 10 to 20 ms, three of a hundred are 68 to 72 ms, so that the 99th percentile lies among these.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter

DELAYS = [0.010 + 0.0001 * number for number in range(97)] + [0.068, 0.070, 0.072]
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"


async def main(port: int) -> None:
    random.Random(1).shuffle(DELAYS)
    met: Counter[bytes] = Counter()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
            return
        client = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"user-agent")), b"")
        met[client] += 1
        await asyncio.sleep(DELAYS[met[client] % len(DELAYS)])
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=1000)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
