"""Questions to name servers, by dnspython: over UDP, and over TCP where an answer is too long for that."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from deliverygate.conversions import whole
from deliverygate.errors import TransportError
from deliverygate.gate import DnsAnswer
from deliverygate.network.aside import aside
from deliverygate.network.line import Line
from deliverygate.network.look_up import in_ascii
from deliverygate.network.opening import Route, find

if TYPE_CHECKING:
    import dns.message
    import dns.rrset

PORT = 53
TELLING = frozenset({"NOERROR", "NXDOMAIN"})  # any other code tells of the name server, not of the name


def ask(name: str, kind: str, line: Line, route: Route, *, server: str) -> DnsAnswer:
    """What the first name server that knows says. Raises TransportError."""
    question = _question(name, kind)
    servers = _given(server, line, route) if server else _of_this_machine()
    line.enter("look-up")
    fault: TransportError | None = None
    for count, (address, port) in enumerate(servers):
        share = line.left() / (len(servers) - count)
        try:
            return aside(partial(_ask_one, question, address, port, share), line)
        except TransportError as error:
            if line.seconds >= line.timeout_seconds:
                raise
            fault = error
    raise fault or TransportError("this machine knows no name server", kind="dns_servfail")


def _question(name: str, kind: str) -> dns.message.QueryMessage:
    try:
        import dns.exception
        import dns.message
        import dns.rdatatype
        import dns.reversename
    except ImportError as error:
        what, mend = "DNS cannot be asked without the library `dnspython`", "pip install 'deliverygate[dns]'"
        raise TransportError(what, kind="config", mend=mend) from error
    try:
        wanted = dns.rdatatype.from_text(kind)
        if wanted is dns.rdatatype.PTR and not name.rstrip(".").endswith(".arpa"):
            return dns.message.make_query(dns.reversename.from_address(name), wanted)
        return dns.message.make_query(in_ascii(name), wanted)
    except (dns.exception.DNSException, ValueError) as error:
        raise TransportError(f"{name} {kind} cannot be asked for ({error})", kind="config") from error


def _given(server: str, line: Line, route: Route) -> list[tuple[str, int]]:
    host, port = read_server(server)
    return [(str(each[4][0]), port) for each in find(host, port, line, route)]


def read_server(server: str) -> tuple[str, int]:
    """ "host", "host:port", "::1" or "[::1]:port" as host and port. Raises TransportError."""
    host, colon, port = server.rpartition(":")
    if server.startswith("[") and server.endswith("]"):
        return server[1:-1], PORT
    if not colon or (":" in host and not host.endswith("]")):
        return server, PORT
    number = whole(port, most=65_535)
    if number is None or number <= 0:
        raise TransportError(f"{server!r} is not a name server; write host or host:port", kind="config")
    return host.strip("[]"), number


def _of_this_machine() -> list[tuple[str, int]]:
    import dns.resolver

    try:
        found = dns.resolver.Resolver()
    except dns.resolver.NoResolverConfiguration as error:
        raise TransportError("this machine knows no name server", kind="dns_servfail") from error
    return [(str(address), found.port) for address in found.nameservers]


def _ask_one(question: dns.message.QueryMessage, address: str, port: int, seconds: float) -> DnsAnswer:
    import dns.exception
    import dns.query
    import dns.rcode

    try:
        answer, _ = dns.query.udp_with_fallback(question, address, seconds, port, ignore_unexpected=True)
    except dns.exception.Timeout as error:
        what = f"the name server {address} did not answer in {seconds:g} s"
        raise TransportError(what, kind="dns_timeout") from error
    except (dns.exception.DNSException, OSError, EOFError) as error:
        what = f"the name server {address} did not answer ({type(error).__name__}: {error})"
        raise TransportError(what, kind="dns_servfail") from error
    rcode = dns.rcode.to_text(answer.rcode())
    if rcode not in TELLING:
        raise TransportError(f"the name server {address} answers {rcode}", kind="dns_servfail")
    found = _answers(question, answer)
    return DnsAnswer(
        rcode=rcode,
        records=tuple(sorted(record.to_text() for each in found for record in each)),
        ttl=min((each.ttl for each in found), default=None),
        server=address,
        seconds=float(answer.time),
    )


def _answers(question: dns.message.QueryMessage, answer: dns.message.Message) -> list[dns.rrset.RRset]:
    """The records of the kind that was asked for, of the name itself or of where its CNAMEs lead."""
    import dns.rdatatype

    asked = question.question[0]
    names, more = {asked.name}, True
    while more:  # names are equal in any case
        aliases = [each for each in answer.answer if each.rdtype == dns.rdatatype.CNAME and each.name in names]
        more = not names.issuperset(found := {alias.target for each in aliases for alias in each})
        names |= found
    return [each for each in answer.answer if each.rdtype == asked.rdtype and each.name in names]
