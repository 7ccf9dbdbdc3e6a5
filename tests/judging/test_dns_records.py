"""DNS records: one meaning in any spelling, two meanings never equal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverygate.judging.dns_records import EXAMPLES, READERS, meaning

KEY = "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3"


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("A", "192.0.2.1", " 192.0.2.1 "),
        ("AAAA", "2001:0db8:0:0:0:0:0:1", "2001:db8::1"),
        ("AAAA", "2001:DB8::A", "2001:db8::a"),
        ("AAAA", "::ffff:192.0.2.1", "::ffff:c000:201"),
        ("CNAME", "Shop.Example.", "shop.example"),
        ("CNAME", "straße.example", "xn--strae-oqa.example."),
        ("NS", "ns1.example", "NS1.EXAMPLE."),
        ("PTR", "host.example", "Host.example."),
        ("MX", "10 Mail.example.", "010 mail.example"),
        ("MX", "0 .", "0 ."),
        ("SRV", "10  5 443 Shop.example.", "10 5 0443 shop.example"),
        ("SOA", "ns1.example. admin.example. 7 2h 1h 2w 1H", "NS1.example admin.example 7 7200 3600 1209600 3600"),
        ("CAA", '0 ISSUE "ca.example"', "0 issue ca.example"),
        ("TXT", f'"{KEY}"', f'"{KEY[:10]}" "{KEY[10:]}"'),
        ("TXT", '"a\\"b\\\\c\\233"', '"a\\034b\\092c\\233"'),
        ("TXT", '"größe"', '"gr\\195\\182\\195\\159e"'),
        ("TXT", "token", '"token"'),
    ],
)
def test_spellings_of_one_record_are_equal(kind: str, one: str, other: str) -> None:
    assert meaning(kind, one) == meaning(kind, other) is not None


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("TXT", f'"{KEY}"', f'"{KEY.lower()}"'),
        ("TXT", '"v=spf1 -all"', '"v=spf1  -all"'),
        ("TXT", '"v=spf1 -all"', '"v=spf1-all"'),
        ("TXT", '"a."', '"a"'),
        ("CAA", '0 issue "ca.example"', '0 issue "CA.example"'),
        ("CAA", '0 issue "ca.example"', '128 issue "ca.example"'),
        ("MX", "10 mail.example", "100 mail.example"),
        ("SRV", "10 5 443 shop.example", "10 5 444 shop.example"),
        ("CNAME", "straße.example", "strasse.example"),
        ("CNAME", "shop.example", "shop.example.com"),
        ("AAAA", "2001:db8::1", "2001:db8::10"),
    ],
)
def test_records_that_say_two_things_differ(kind: str, one: str, other: str) -> None:
    assert meaning(kind, one) != meaning(kind, other)


@pytest.mark.parametrize(
    ("kind", "record"),
    [
        *(("A", "2001:db8::1"), ("A", "192.0.2.01"), ("A", "192.0.2"), ("AAAA", "192.0.2.1"), ("AAAA", "fe80::1%eth0")),
        *(("MX", "mail.example"), ("MX", "70000 mail.example"), ("MX", "-1 mail.example"), ("MX", "١ mail.example")),
        *(("SRV", "10 5 shop.example"), ("SOA", "ns1.example admin.example 1"), ("CAA", "0 issue")),
        *(("TXT", "v=spf1 -all"), ("TXT", '"half'), ("TXT", '"\\999"'), ("TXT", ""), ("CNAME", "a b"), ("CNAME", "")),
    ],
)
def test_what_is_no_record_of_its_kind_means_nothing(kind: str, record: str) -> None:
    assert meaning(kind, record) is None


@pytest.mark.parametrize("kind", READERS)
def test_example_of_each_kind_is_one(kind: str) -> None:
    assert meaning(kind, EXAMPLES[kind]) is not None


@given(st.sampled_from(sorted(READERS)), st.text())
def test_no_text_breaks_a_reader(kind: str, record: str) -> None:
    meaning(kind, record)
