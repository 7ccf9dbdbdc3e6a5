"""Where requests may go: forbidden addresses, names that change their mind, redirects that lead inside."""

from __future__ import annotations

import pytest

from deliverygate.clock import SystemClock
from deliverygate.errors import TransportError
from deliverygate.gate import Hop
from deliverygate.http import RequestsHttp
from tests import servers
from tests.network.name_server import NameServer
from tests.servers import Authority, answer, answers, serve

METADATA = "http://169.254.169.254/latest/meta-data/iam/"
NEVER = "a link-local or metadata address, which is never asked"


def fault(http: RequestsHttp, url: str, **options: object) -> tuple[str, str]:
    with pytest.raises(TransportError) as caught:
        http.request("GET", url, **{"timeout_seconds": 2, **options})  # type: ignore[arg-type]
    return caught.value.kind, caught.value.what


@pytest.mark.parametrize(
    ("url", "what"),
    [
        (METADATA, f"169.254.169.254 is {NEVER}"),
        ("http://2852039166/", f"2852039166 leads to 169.254.169.254, {NEVER}"),
        ("http://0xa9.0xfe.0xa9.0xfe/", f"0xa9.0xfe.0xa9.0xfe leads to 169.254.169.254, {NEVER}"),
        ("http://[::ffff:169.254.169.254]/", f"::ffff:169.254.169.254 is {NEVER}"),
        ("https://[fe80::1]/", f"fe80::1 is {NEVER}"),
        (
            "http://metadata.google.internal/computeMetadata/v1/",
            "metadata.google.internal is the name of a metadata service, which is never asked",
        ),
    ],
    ids=["plain", "decimal", "hexadecimal", "IPv4-mapped", "link-local", "by name"],
)
def test_metadata_service_is_never_asked(http: RequestsHttp, url: str, what: str) -> None:
    assert fault(http, url, allow_private=True) == ("config", what)


def test_private_address_needs_leave(http: RequestsHttp) -> None:
    with serve(answers(answer("ok"))) as server:
        body = http.request("GET", server.url, allow_private=True).body
        refused = fault(http, server.url, allow_private=False)

    assert (body, refused) == (b"ok", ("config", "127.0.0.1 is a private address"))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "location", [METADATA, "//2852039166/", "http://[::ffff:a9fe:a9fe]/", "http://metadata.google.internal/"]
)
def test_redirect_to_a_metadata_service_is_blocked(http: RequestsHttp, location: str) -> None:
    with serve(answers(answer(status="302 Found", location=location))) as server:
        kind, what = fault(http, server.url, follow_redirects=5)

    assert (kind, what.endswith("which is never asked"), len(server.requests)) == ("redirect_blocked", True, 1)


def test_redirect_inside_is_blocked_where_private_addresses_are_not_allowed(names: NameServer) -> None:
    http = RequestsHttp(SystemClock(timeout_seconds=20), allow_private=False, look_up=names.look_up)

    assert fault(http, "http://shop.test/") == ("dns_nxdomain", "shop.test has no address: no such host")
    names.zone["shop.test A"] = [["10.0.0.1"]]
    assert fault(http, "http://shop.test/") == ("config", "shop.test leads to 10.0.0.1, a private address")


def test_name_is_looked_up_once_and_the_vetted_address_is_the_one_that_is_asked(names: NameServer) -> None:
    names.zone["shop.test A"] = [["127.0.0.1"], ["169.254.169.254"]]
    http = RequestsHttp(SystemClock(timeout_seconds=20), allow_private=True, look_up=names.look_up)

    with serve(answers(answer("ok"))) as server:
        got = http.request("GET", f"http://shop.test:{server.port}/")
        second = fault(http, f"http://shop.test:{server.port}/")

    assert (got.body, got.address) == (b"ok", "127.0.0.1")
    assert second == ("config", f"shop.test leads to 169.254.169.254, {NEVER}")
    assert (len(server.requests), names.asked) == (1, ["shop.test A", "shop.test A"])


def test_name_is_vetted_anew_at_every_redirect(names: NameServer) -> None:
    names.zone["shop.test A"] = [["127.0.0.1"], ["169.254.169.254"]]
    http = RequestsHttp(SystemClock(timeout_seconds=20), allow_private=True, look_up=names.look_up)

    with serve(answers(answer(status="302 Found", location="/again"))) as server:
        caught = fault(http, f"http://shop.test:{server.port}/", follow_redirects=3)

    assert caught == ("redirect_blocked", f"shop.test leads to 169.254.169.254, {NEVER}")


def test_slow_name_server_takes_the_time_of_the_request(names: NameServer) -> None:
    names.delay_seconds = 0.6
    http = RequestsHttp(SystemClock(timeout_seconds=20), look_up=names.look_up)

    caught = fault(http, "http://shop.test/", timeout_seconds=0.2)

    assert caught == ("dns_timeout", "the name was not looked up in 0.2 s")


def test_given_address_is_asked_with_the_name_of_the_url(http: RequestsHttp, authority: Authority) -> None:
    with serve(answers(answer("ok")), tls=authority.server("DNS:shop.invalid")) as server:
        url = f"https://shop.invalid:{server.port}/health"
        got = http.request("GET", url, address="127.0.0.1", verify=authority.bundle)

    assert (got.body, got.address, got.url) == (b"ok", "127.0.0.1", url)
    assert server.requests[0].splitlines()[1] == f"Host: shop.invalid:{server.port}"


def test_given_address_is_that_of_the_first_host_only(names: NameServer) -> None:
    http = RequestsHttp(SystemClock(timeout_seconds=20), allow_private=True, look_up=names.look_up)

    with serve(answers(answer(status="302 Found", location="http://elsewhere.test/"))) as server:
        caught = fault(http, f"http://shop.test:{server.port}/", address="127.0.0.1", follow_redirects=1)

    assert caught == ("dns_nxdomain", "elsewhere.test has no address: no such host")
    assert names.asked == ["elsewhere.test A"]


def test_redirects_that_were_followed_are_told(http: RequestsHttp) -> None:
    moved = answer(status="302 Found", location="/b")
    with serve(answers(moved, answer(status="308 Permanent", location="/c?q=1"), answer("there"))) as server:
        got = http.request("GET", f"http://ada:pw@127.0.0.1:{server.port}/a", follow_redirects=5)

    assert got.hops == (Hop(302, f"{server.url}/a", "/b"), Hop(308, f"{server.url}/b", "/c?q=1"))


@pytest.mark.parametrize(
    "url",
    [METADATA, "http://2852039166/", "https://0xa9fea9fe/", "http://169.254.169.254./", "http://[::ffff:a9fe:a9fe]/"],
    ids=["plain", "decimal", "hex", "with a dot", "IPv6"],
)
def test_no_proxy_is_sent_to_a_metadata_service(http: RequestsHttp, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with serve(answers(answer("secret"))) as proxy:
        for scheme in ("http", "https"):
            monkeypatch.setenv(f"{scheme}_proxy", proxy.url)
        kind, what = fault(http, url)

    assert (kind, what.endswith(NEVER), proxy.requests) == ("config", True, [])


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1.", "10.0.0.1"])
def test_no_proxy_is_sent_to_a_private_address_without_leave(
    http: RequestsHttp, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    with serve(answers(answer("secret"))) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        kind, what = fault(http, f"http://{host}/", allow_private=False)

    assert (kind, "a private address" in what, proxy.requests) == ("config", True, [])


def test_host_behind_a_proxy_is_looked_up_by_the_proxy(http: RequestsHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(answers(answer("from the proxy"))) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        got = http.request("GET", "http://shop.invalid/health", allow_private=False)

    assert (got.body, got.address, got.phases is not None) == (b"from the proxy", "", True)


def test_given_address_goes_by_no_proxy(http: RequestsHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{servers.free_port()}")

    with serve(answers(answer("ok"))) as server:
        got = http.request("GET", f"http://shop.invalid:{server.port}/", address="127.0.0.1")

    assert got.body == b"ok"


def test_proxy_that_redirects_to_a_metadata_service_leads_nowhere(
    http: RequestsHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(answers(answer(status="302 Found", location=METADATA))) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        caught = fault(http, "http://shop.invalid/health", follow_redirects=5)

    assert caught == ("redirect_blocked", f"169.254.169.254 is {NEVER}")
