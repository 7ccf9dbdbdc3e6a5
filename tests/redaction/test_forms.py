"""A secret is found in whatever form it travels, by decoding what a text may hold."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverygate.redaction.outlet import everything
from deliverygate.redaction.redactor import Redactor
from tests.redaction.forms import FORMS, SECRET, traces

REDACT = Redactor([SECRET])


@pytest.mark.parametrize("form", FORMS)
def test_secret_is_found_in_each_form(form: str) -> None:
    shown = REDACT(f"it is {FORMS[form](SECRET)} here")

    assert (traces(shown.encode()), shown.startswith("it is"), shown.endswith("here")) == ([], True, True)


@pytest.mark.parametrize("form", FORMS)
def test_search_for_traces_finds_each_form_before_it_is_redacted(form: str) -> None:
    assert traces(f"it is {FORMS[form](SECRET)} here".encode()) != []
