"""Ids of vulnerabilities and rules: whether two of them, or two sets of aliases, mean the same.

Databases of vulnerabilities take their ids without regard to case. Trivy has written one check as ``DS002``, as
``AVD-DS-0002`` and as ``DS-0002``. All that compares ids asks here: waivers, ignore files, VEX, baselines, KEV, EPSS.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

# The databases of OSV.dev, the distributions' advisories, and the numbers of vendors.
_DATABASES = (
    "ALAS|ALAS2|ALBA|ALEA|ALPINE|ALSA|ASB|AZL|BELL|BIT|CAN|CGA|CLEANSTART|CURL|CVE|DEBIAN|DLA|DRUPAL|DSA|DTSA|ECHO|EEF|ELA|ELSA"
    "|FEDORA|GHSA|GMS|GO|GSD|HSEC|JLSEC|K8S|KUBE|LBSEC|LSN|MAL|MGASA|MINI|NSWG|OESA|OPENSUSE|OSEC|OSV|PHSA|PSF|PUB|PYSEC|RHBA|RHEA"
    "|RHSA|RLSA|ROOT|RSEC|RUSTSEC|RXSA|SNYK|SONATYPE|SUSE|SWIFT|TEMP|UBUNTU|USN|UVI|V8|VSV|XSA"
)
_ADVISORY = re.compile(rf"(?:{_DATABASES})-[\w.:~+-]+", re.IGNORECASE)

# Checks of Trivy: ``avd-`` in front or not, and since 0.30 four digits behind a dash.
_CHECK = re.compile(
    r"(?:avd-)?(aws|azu|cldstk|cloudstack|dig|ds|gcp|git|k8s|kcv|ksv|nif|openstk|oracle|tf)-?(\d{3,4})",
    re.IGNORECASE | re.ASCII,
)
_CVE_INSIDE = re.compile(r"(?<![a-z0-9])cve-\d{4}-\d{4,}(?!\d)", re.IGNORECASE)
_GHSA_IN_FRONT = re.compile(r"ghsa(?:-[23456789cfghjmpqrvwx]{4}){3}(?=-)", re.IGNORECASE)


@lru_cache(maxsize=65_536)
def canonical(name: str) -> str:
    """One spelling of an id, for comparing only. Ids of linters keep their case: ``E1`` and ``e1`` may be two rules."""
    name = name.strip()
    if check := _CHECK.fullmatch(name):
        return f"{check[1].lower()}-{check[2].lstrip('0'):0>4}"
    return name.lower() if _ADVISORY.fullmatch(name) else name


def same(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether two sets of ids, each an id with its aliases, mean the same vulnerability or rule."""
    return not {canonical(name) for name in some if name}.isdisjoint(canonical(name) for name in others if name)


def meanings(rule: str, aliases: Iterable[str] = ()) -> frozenset[str]:
    """Every id that a finding goes by, in one spelling: its own, its aliases, and the id that one of these contains."""
    return _meanings(rule, tuple(aliases))


@lru_cache(maxsize=65_536)
def _meanings(rule: str, aliases: tuple[str, ...]) -> frozenset[str]:
    """Remembered: a report names the same rule many times."""
    names = [name for name in (rule, *aliases) if name]
    return frozenset((*map(canonical, names), *(inside.lower() for name in names for inside in _inside(name))))


def _inside(name: str) -> Iterable[str]:
    """``DEBIAN-CVE-2024-1234`` is Debian's record of that CVE, ``GHSA-...-busybox`` one finding of Grype's SARIF."""
    yield from _CVE_INSIDE.findall(name)
    yield from _GHSA_IN_FRONT.findall(name)


def cves(rule: str, aliases: Iterable[str] = ()) -> tuple[str, ...]:
    """The CVEs among the ids of a finding, as their catalogues write them."""
    found = (inside.upper() for name in (rule, *aliases) for inside in _CVE_INSIDE.findall(name))
    return tuple(dict.fromkeys(found))
