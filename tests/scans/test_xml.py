"""XML as a walk: what is given out, what it costs, and what is refused."""

from __future__ import annotations

import tracemalloc

import pytest

from deliverygate.errors import ReportError
from deliverygate.scans.xml import DEEPEST, walk, whole_number, without_controls
from deliverygate.scans.xml_bounds import LONGEST_COMMENT, LONGEST_PROLOG, LONGEST_TAG


def steps(document: bytes, **more):
    """Each step; what is already inside an element matters at its end only."""
    return [
        (event, element.tag, len(element) if event == "end" else 0)
        for event, element in walk(document, roots={"a"}, **more)
    ]


def test_elements_come_at_their_start_and_at_their_end_without_what_is_past():
    assert steps(b"<a><b><c/></b><b/></a>") == [
        ("start", "a", 0), ("start", "b", 0), ("start", "c", 0), ("end", "c", 0), ("end", "b", 0),
        ("start", "b", 0), ("end", "b", 0), ("end", "a", 0),
    ]  # fmt: skip


def test_elements_that_are_wanted_whole_keep_what_is_in_them():
    ends = [step for step in steps(b"<a><b><c/><c><d/></c></b><b/></a>", whole={"b"}) if step[0] == "end"]

    assert ends == [
        ("end", "c", 0),
        ("end", "d", 0),
        ("end", "c", 1),
        ("end", "b", 2),
        ("end", "b", 0),
        ("end", "a", 0),
    ]


def test_namespaces_prolog_and_declared_encoding_change_nothing():
    document = (
        b'<?xml version="1.0" encoding="UTF-16"?><!-- x --><!DOCTYPE a SYSTEM "http://dtd.test/a.dtd">'
        b'<a xmlns="http://a.test" xmlns:y="http://y.test"><y:b t="\xc3\xab"/></a>'
    )

    assert [(element.tag, element.get("t")) for event, element in walk(document, roots={"a"}) if event == "start"] == [
        ("a", None),
        ("b", "ë"),
    ]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (b"<a><b></a>", "is no whole XML document: mismatched tag: line 1, column 8"),
        (b"<a>", "is no whole XML document: no element found"),
        (b"<a/><a/>", "is no whole XML document: junk after document element"),
        (b"<a>&b;</a>", "is no whole XML document: undefined entity"),
        (b"<a b='1' b='2'/>", "is no whole XML document: duplicate attribute"),
        (b"<b/>", "is XML with the root 'b', which its format does not know"),
        (b"<a>" * 300 + b"</a>" * 300, f"is nested more than {DEEPEST} elements deep"),
        (b"<a>" * 300_000, f"is nested more than {DEEPEST} elements deep"),
    ],
    ids=["mismatched", "cut", "two roots", "unknown entity", "one name twice", "other root", "deep", "deep and cut"],
)
def test_what_is_no_whole_report_is_an_error(document, told):
    with pytest.raises(ReportError) as caught:
        steps(document)

    assert (caught.value.what.startswith(told), bool(caught.value.mend)) == (True, True)


LAUGHS = b'<!ENTITY l0 "ha">' + b"".join(
    b'<!ENTITY l%d "%b">' % (level, b"&l%d;" % (level - 1) * 10) for level in range(1, 10)
)


@pytest.mark.parametrize(
    "document",
    [
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://evil.test/x.dtd"> %x;]><a/>',
        b"<!DOCTYPE a [" + LAUGHS + b"]><a>&l9;</a>",
        b'<!DOCTYPE a [<!ENTITY x "' + b"x" * 100_000 + b'">]><a>' + b"&x;" * 100_000 + b"</a>",
        b'<!DOCTYPE a [<!NOTATION n SYSTEM "n"><!ENTITY x SYSTEM "u" NDATA n>]><a/>',
    ],
    ids=["file", "parameter", "billion laughs", "quadratic", "unparsed"],
)
@pytest.mark.timeout(10)
def test_entities_are_refused(document):
    with pytest.raises(ReportError, match=r"^declares entities or points outside \(EntitiesForbidden\)"):
        steps(document)


@pytest.mark.parametrize(
    ("document", "clean"),
    [
        (b"<a>\x1b[31mred\x1b[0m</a>", b"<a>red</a>"),
        (b"<a>&#27;[1;31mred&#x1B;[0m</a>", b"<a>red</a>"),
        (b"<a>\x08\x0c&#8;&#x0;&#x1f;</a>", b"<a></a>"),
        (b"<a>\t\r\n&#9;&#10;&#13;&#32;&#x1F600;[3]</a>", b"<a>\t\r\n&#9;&#10;&#13;&#32;&#x1F600;[3]</a>"),
    ],
    ids=["colours", "escaped colours", "controls", "what is allowed"],
)
def test_what_xml_forbids_is_taken_out_of_the_output_of_programs(document, clean):
    assert (without_controls(document), steps(document)[-1]) == (clean, ("end", "a", 0))


def test_a_walk_costs_the_memory_of_one_branch():
    document = b"<a>" + b"<b><c>text of some length</c></b>" * 20_000 + b"</a>"
    tracemalloc.start()

    count = sum(element.tag == "c" for event, element in walk(document, roots={"a"}, whole={"b"}) if event == "end")

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (count, peak < 2 * len(document) + 500_000) == (20_000, True)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("-1", "<line> has '-1' as its 'hits', wanted a count"),
        ("1.5", "<line> has '1.5' as its 'hits', wanted a count"),
        ("٣", "<line> has '٣' as its 'hits', wanted a count"),
        ("9" * 21, f"<line> has '{'9' * 21}' as its 'hits', wanted a count"),
        ("", "<line> has '' as its 'hits', wanted a count"),
        (None, "<line> has no 'hits', wanted a count"),
    ],
)
def test_a_number_that_counts_nothing_is_an_error(written, told):
    from xml.etree.ElementTree import Element

    element = Element("line", {} if written is None else {"hits": written})

    with pytest.raises(ReportError, match="is not as its format demands") as caught:
        whole_number(element, "hits")
    assert caught.value.what.endswith(told)


@pytest.mark.parametrize(
    "document",
    [
        b"<a b='" + b"x" * (LONGEST_TAG + 1) + b"'/>",
        b"<a>" + b"<c/>" * 10 + b"<b x='>' y='" + b" " * (LONGEST_TAG + 1),
        b"<a><!--" + b"<b>" * LONGEST_COMMENT + b"--></a>",
        b"<a><?x " + b"<b>" * LONGEST_COMMENT + b"?></a>",
    ],
    ids=["attribute", "attribute without an end", "comment", "instruction"],
)
@pytest.mark.timeout(20)
def test_what_a_parser_would_look_at_again_and_again_is_refused(document):
    with pytest.raises(ReportError, match=r"holds a .* of more than \d+ MiB"):
        steps(document)


def test_a_root_behind_a_megabyte_of_something_else_is_refused():
    with pytest.raises(ReportError, match="has no element in its first 1 MiB"):
        steps(b" " * LONGEST_PROLOG + b"<a/>")


@pytest.mark.timeout(20)
def test_long_text_is_no_long_tag_and_a_long_attribute_costs_no_more_than_its_length():
    text = b"<a><b>" + b"x" * (LONGEST_TAG + 1) + b"</b><b><![CDATA[" + b"<" * 9 + b"x" * LONGEST_TAG + b"]]></b></a>"
    attribute = b"<a><b c='" + b"x" * (LONGEST_TAG - 100) + b"'/></a>"

    assert (len(steps(text)), len(steps(attribute))) == (6, 4)
