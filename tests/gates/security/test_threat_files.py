"""The files of CISA and FIRST: what is read in them, and what is no evidence."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deliverygate.errors import ReportError
from deliverygate.testing import finding
from deliverygate_gates.security.epss import Scores, read_scores
from deliverygate_gates.security.kev import Catalogue, read_catalogue
from deliverygate_gates.security.threat import Threat

SAMPLES = Path(__file__).parents[2] / "samples/threat"
KEV_JSON = (SAMPLES / "known_exploited_vulnerabilities.json").read_bytes()
KEV_CSV = (SAMPLES / "known_exploited_vulnerabilities.csv").read_bytes()
EPSS = (SAMPLES / "epss_scores-2026-01-01.csv").read_bytes()
KNOWN = {"CVE-2021-44228": True, "CVE-2019-14697": False, "CVE-2022-28391": True}


def changed_kev(**fields):
    return json.dumps(json.loads(KEV_JSON) | fields).encode()


def test_catalogue_tells_what_is_exploited_by_whom_and_when_it_was_released():
    assert read_catalogue(KEV_JSON) == Catalogue(datetime(2026, 1, 1, 18, 0, 41, 472100, tzinfo=UTC), KNOWN)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
def test_catalogue_as_csv_is_as_old_as_its_newest_entry(mark):
    assert read_catalogue(mark + KEV_CSV) == Catalogue(datetime(2025, 12, 30, tzinfo=UTC), KNOWN)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty (0 bytes)"),
        (b"\0\1\2", "is no text"),
        (KEV_JSON[:900], "is no whole JSON document"),
        (b"[]", "names no vulnerability"),
        (b"{}", "is not as its format demands"),
        (changed_kev(vulnerabilities=[], count=0), "names no vulnerability"),
        (changed_kev(count=1200), "holds 3 entries and says that they are 1200"),
        (changed_kev(vulnerabilities=[{"cveID": "GHSA-1"}], count=1), "names 'GHSA-1', which is no CVE"),
        (changed_kev(vulnerabilities=[{"cve": "CVE-2021-44228"}], count=1), "is not as its format demands"),
        (KEV_JSON.replace(b'"count": 3,', b'"vulnerabilities": [],'), "twice"),
        (KEV_CSV.splitlines()[0], "names no vulnerability"),
        (EPSS, "is no catalogue of known exploited vulnerabilities"),
        (b"<html>not found</html>", "names no vulnerability"),
        (b"<html>\n<p>not found</p>", "is no catalogue of known exploited vulnerabilities"),
        (KEV_CSV + b'CVE-2026-1234,"open', "is no catalogue of known exploited vulnerabilities"),
    ],
    ids=[
        "empty", "binary", "cut", "list", "object", "no entries", "fewer than said", "no CVE", "other fields",
        "two lists", "header alone", "scores", "one line of a web page", "web page", "cut CSV",
    ],
)  # fmt: skip
def test_what_is_no_whole_catalogue_is_an_error(data, said):
    with pytest.raises(ReportError) as caught:
        read_catalogue(data)

    assert said in caught.value.what
    assert caught.value.mend


@pytest.mark.parametrize("data", [EPSS, gzip.compress(EPSS), EPSS.rstrip(), EPSS.replace(b"\n", b"\r\n")])
def test_scores_are_those_that_were_asked_for(data):
    scores = read_scores(data, {"CVE-2021-44228", "CVE-2026-0001"})

    assert scores == Scores(
        made_at=datetime(2026, 1, 1, 12, tzinfo=UTC),
        model="v2025.03.14",
        total=5,
        by_cve={"CVE-2021-44228": 0.94358},
    )


@pytest.mark.parametrize(
    ("remark", "made_at"),
    [
        (b"#model_version:v2023.03.01,score_date:2024-06-12T00:00:00+0000\n", datetime(2024, 6, 12, tzinfo=UTC)),
        (b"#something else\n", None),
        (b"", None),
    ],
    ids=["zone in digits", "another remark", "first year"],
)
def test_scores_without_a_date_have_none(remark, made_at):
    assert read_scores(remark + EPSS.split(b"\n", 1)[1], set()).made_at == made_at


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty (0 bytes)"),
        (EPSS[:150], "is no file of EPSS scores, or one that is cut"),
        (EPSS.split(b"CVE")[0], "is no file of EPSS scores, or one that is cut"),
        (gzip.compress(EPSS)[:-20], "is cut, or far too big"),
        (b"\x1f\x8b" + EPSS, "cannot be unpacked"),
        (gzip.compress(b""), "is empty"),
        (KEV_CSV, "is no file of EPSS scores"),
        (KEV_JSON, "is no file of EPSS scores"),
        (EPSS.replace(b"0.94358", b"94.358"), "gives CVE-2021-44228 the score b'94.358', which is none from 0 to 1"),
        (EPSS.replace(b"0.94358", b"nan"), "gives CVE-2021-44228 the score b'nan'"),
        (EPSS.replace(b"0.94358", b""), "gives CVE-2021-44228 the score b''"),
    ],
    ids=[
        "empty", "cut", "header alone", "gzip cut", "gzip broken", "gzip of nothing", "catalogue as CSV", "catalogue",
        "percent", "no number", "no score",
    ],
)  # fmt: skip
def test_what_is_no_whole_file_of_scores_is_an_error(data, said):
    with pytest.raises(ReportError) as caught:
        read_scores(data, {"CVE-2021-44228"})

    assert said in caught.value.what
    assert caught.value.mend


def test_file_that_unpacks_without_end_is_refused_and_never_held(monkeypatch):
    monkeypatch.setattr("deliverygate_gates.security.epss.LARGEST", 1000)

    with pytest.raises(ReportError, match="far too big"):
        read_scores(gzip.compress(b"#" * 1_000_000), set())


def test_catalogues_are_read_whatever_the_case_of_their_words():
    entry = {"cveID": " cve-2021-44228 ", "knownRansomwareCampaignUse": "known"}
    scores = b"#model_version:v1,score_date:2026-01-01T00:00:00Z\ncve,epss,percentile\ncve-2021-44228,0.9,0.99\n"

    catalogue = read_catalogue(changed_kev(vulnerabilities=[entry], count=1))

    assert catalogue.ransomware == {"CVE-2021-44228": True}
    assert read_scores(scores, {"CVE-2021-44228"}).by_cve == {"CVE-2021-44228": 0.9}


@pytest.mark.parametrize(
    ("rule", "aliases"),
    [
        ("CVE-2021-44228", ()),
        ("GHSA-jfh8-c2jp-5v3q", ("cve-2021-44228",)),
        ("DEBIAN-CVE-2021-44228", ()),
        ("CVE-2021-44228-log4j", ()),
    ],
)
def test_vulnerability_is_looked_up_by_any_of_its_ids(rule, aliases):
    threat = Threat(catalogue=read_catalogue(KEV_JSON))

    assert threat.known_of(finding(rule, aliases=aliases))["kev"] is True
