"""Real servers on the loopback interface that misbehave on purpose, each by a script of what it does to a client."""

from __future__ import annotations

import contextlib
import gzip
import re
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread

from plumbum import local


class Client:
    """The other end of one connection, as a script sees it."""

    def __init__(self, connection: socket.socket, request: bytes, stop: Event) -> None:
        self.request = request  #: head and what came of the body
        self._connection = connection
        self._stop = stop

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def wait(self, seconds: float = 30.0) -> None:
        """Do nothing, until the test is over."""
        self._stop.wait(seconds)

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def relay(self, port: int) -> None:
        """Hand everything on to a server at ``port``, and back, until one of the two ends."""
        with socket.create_connection(("127.0.0.1", port)) as onward:
            back = Thread(target=_copy, args=(onward, self._connection))
            back.start()
            _copy(self._connection, onward)
            back.join()

    def end_tls(self) -> None:
        """Say that nothing more will come, as TLS has it, and wait for the other side to say the same."""
        assert isinstance(self._connection, ssl.SSLSocket)
        with contextlib.suppress(OSError):
            self._connection.unwrap()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    for each in (source, target):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


Script = Callable[[Client], None]


LOOPBACK = ("127.0.0.1", 0)


class Server:
    """Accepts until it is closed; ``requests`` holds the head of every request."""

    def __init__(
        self,
        script: Script,
        *,
        tls: ssl.SSLContext | None = None,
        place: tuple[str, int] = LOOPBACK,
        reads: bool = True,
    ) -> None:
        self.requests: list[str] = []
        self._script = script
        self._tls = tls
        self._reads = reads
        self._stop = Event()
        self._lock = Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(place)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://{place[0]}:{self.port}"
        self._threads = [Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self._stop.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with self._lock:
                self._open.add(connection)
            request = _read_request(connection) if self._reads else b""
            self.requests.append(request.decode("latin-1"))
            self._script(Client(connection, request, self._stop))
        with self._lock:
            self._open.discard(connection)
        connection.close()


def _read_request(connection: socket.socket) -> bytes:
    request = b""
    while not _is_whole(request):
        data = connection.recv(65_536)
        if not data:
            break
        request += data
    return request


def _is_whole(request: bytes) -> bool:
    head, end, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length: *(\d+)", head)
    is_tls = request.startswith(b"\x16")
    return is_tls or (bool(end) and len(body) >= int(length[1] if length else 0))


@contextlib.contextmanager
def serve(
    script: Script, *, tls: ssl.SSLContext | None = None, place: tuple[str, int] = LOOPBACK, reads: bool = True
) -> Iterator[Server]:
    server = Server(script, tls=tls, place=place, reads=reads)
    try:
        yield server
    finally:
        server.close()


def free_port() -> int:
    """A port on which nobody listens: connections are refused."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def answer(body: bytes | str = b"", *, status: str = "200 OK", **headers: str) -> bytes:
    """A whole HTTP answer; ``content_type="text/html"`` becomes a header."""
    data = body.encode() if isinstance(body, str) else body
    lines = {"content-length": str(len(data)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + data


def answers(*whole: bytes) -> Script:
    """Each request gets the next answer, the last one stays."""
    left = list(whole)

    def script(client: Client) -> None:
        client.send(left.pop(0) if len(left) > 1 else left[0])

    return script


def tunnels(port: int) -> Script:
    """A proxy whose every tunnel leads to ``port``."""

    def script(client: Client) -> None:
        client.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        client.relay(port)

    return script


def hangs(client: Client) -> None:
    """Takes the request and never answers."""
    client.wait()


def hangs_in_body(client: Client) -> None:
    client.send(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegun")
    client.wait()


def drips(client: Client) -> None:
    """One byte each 20 ms, first of the head, then of the body: no single wait is ever long."""
    for byte in b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n" + b"x" * 5000:
        client.send(bytes([byte]))
        client.wait(0.02)


def drips_body(client: Client) -> None:
    client.send(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n")
    for _ in range(5000):
        client.send(b"x")
        client.wait(0.02)


def resets(client: Client) -> None:
    client.reset()


def closes(client: Client) -> None:
    """Ends the connection without a word."""


def resets_in_body(client: Client) -> None:
    client.send(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegun")
    client.wait(0.05)
    client.reset()


def breaks_off(client: Client) -> None:
    """Promises 100 bytes and closes politely after five."""
    client.send(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegun")


def breaks_off_chunked(client: Client) -> None:
    client.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nbegun\r\n")


def gzip_bomb(client: Client) -> None:
    """60 kB that unzip to 60 MB."""
    client.send(answer(gzip.compress(b"\0" * 60_000_000, 9), content_encoding="gzip"))


@dataclass(frozen=True)
class Authority:
    """A certificate authority of the test's own."""

    folder: Path

    @property
    def bundle(self) -> str:
        return str(self.folder / "ca.pem")

    def server(self, names: str = "IP:127.0.0.1", *, valid: str = "20200101000000Z-20600101000000Z") -> ssl.SSLContext:
        """The TLS side of a server whose certificate is for ``names``, within ``valid`` (begin-end)."""
        begin, end = valid.split("-")
        key, request, signed = (str(self.folder / f"server.{kind}") for kind in ("key", "csr", "pem"))
        (self.folder / "names").write_text(f"subjectAltName={names}\n")
        (self.folder / "index").write_text("")
        (self.folder / "ca.conf").write_text(CA_CONFIGURATION.format(folder=self.folder))
        _openssl(*NEW_KEY, "-keyout", key, "-out", request, "-subj", "/CN=test server")
        _openssl(
            *("ca", "-batch", "-notext", "-config", str(self.folder / "ca.conf")),
            *("-in", request, "-out", signed, "-startdate", begin, "-enddate", end),
            *("-extfile", str(self.folder / "names")),
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(signed, key)
        return context


NEW_KEY = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
CA_CONFIGURATION = """\
[ca]
default_ca = authority
[authority]
database = {folder}/index
new_certs_dir = {folder}
certificate = {folder}/ca.pem
private_key = {folder}/ca.key
default_md = sha256
policy = anything
rand_serial = yes
unique_subject = no
[anything]
commonName = supplied
"""


def make_authority(folder: Path) -> Authority:
    _openssl(
        *(*NEW_KEY, "-x509", "-days", "3650", "-subj", "/CN=test authority"),
        *("-addext", "keyUsage=critical,keyCertSign"),
        *("-keyout", str(folder / "ca.key"), "-out", str(folder / "ca.pem")),
    )
    return Authority(folder)


def _openssl(*arguments: str) -> None:
    local["openssl"](*arguments)
