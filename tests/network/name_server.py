"""A real name server on the loopback interface, over UDP and TCP, that can be slow, silent, broken or of two minds."""

from __future__ import annotations

import contextlib
import socket
import struct
from threading import Event, Thread

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rrset

from deliverygate.network.look_up import AddressInfo

Zone = dict[str, list[list[str]]]


class NameServer:
    """Answers from ``zone``: "name KIND" to the records of the first answer, of the second, ...; the last one stays."""

    def __init__(self) -> None:
        self.zone: Zone = {}
        self.delay_seconds = 0.0
        self.silent = False
        self.truncates = False  #: says over UDP that the answer is too long for it
        self.garbage = False
        self.rcode: dns.rcode.Rcode | None = None
        self.asked: list[str] = []
        self._stop = Event()
        self._udp, self._tcp = _both()
        self.port: int = self._udp.getsockname()[1]
        self._threads = [Thread(target=self._serve_udp), Thread(target=self._serve_tcp)]

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> NameServer:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        with contextlib.suppress(OSError):
            self._tcp.shutdown(socket.SHUT_RDWR)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", ("127.0.0.1", self.port))
        for thread in self._threads:
            thread.join(5)
        self._udp.close()
        self._tcp.close()

    def look_up(self, host: str, port: int) -> list[AddressInfo]:
        """As ``getaddrinfo``, by this name server."""
        query = dns.message.make_query(host, "A")
        answer = dns.query.udp(query, "127.0.0.1", timeout=5, port=self.port)
        if answer.rcode() == dns.rcode.NXDOMAIN:
            raise socket.gaierror(socket.EAI_NONAME, "no such host")
        if answer.rcode() != dns.rcode.NOERROR:
            raise socket.gaierror(socket.EAI_AGAIN, "the name server failed")
        addresses = [record.to_text() for each in answer.answer for record in each]
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, port)) for address in addresses]

    def _serve_udp(self) -> None:
        while True:
            data, client = self._udp.recvfrom(65_535)
            if self._stop.is_set():
                return
            if self.silent:
                continue
            self._stop.wait(self.delay_seconds)
            self._udp.sendto(self._answer(data, truncate=self.truncates), client)

    def _serve_tcp(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._tcp.accept()
            except OSError:
                return
            with connection:
                (length,) = struct.unpack("!H", connection.recv(2))
                answer = self._answer(connection.recv(length), truncate=False)
                connection.sendall(struct.pack("!H", len(answer)) + answer)

    def _answer(self, data: bytes, *, truncate: bool) -> bytes:
        if self.garbage:
            return b"no answer at all"
        query = dns.message.from_wire(data)
        question = query.question[0]
        key = f"{question.name.to_text(omit_final_dot=True)} {question.rdtype.name}"
        self.asked.append(key)
        answer = dns.message.make_response(query)
        if truncate:
            answer.flags |= dns.flags.TC
            return answer.to_wire()
        given = self.zone.get(key)
        if self.rcode is not None:
            answer.set_rcode(self.rcode)
        elif given is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif records := given.pop(0) if len(given) > 1 else given[0]:
            answer.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", question.rdtype, records))
        return answer.to_wire()


def _both() -> tuple[socket.socket, socket.socket]:
    """A port that is free for UDP and for TCP."""
    while True:
        tcp = socket.create_server(("127.0.0.1", 0))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(tcp.getsockname())
        except OSError:
            udp.close()
            tcp.close()
        else:
            return udp, tcp
