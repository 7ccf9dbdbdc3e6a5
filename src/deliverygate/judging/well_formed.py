"""What a gate gave to a check that every output can show: its fields as their types say, its text such as UTF-8 has."""

from __future__ import annotations

from typing import Any

import msgspec

from deliverygate.model import CheckResult, Verdict


def well_formed(given: CheckResult) -> CheckResult:
    """The same check; a copy where a text held half a surrogate pair, as in the name of a file that is not UTF-8.

    Raises TypeError where a field is of another type: Python holds no gate to them, and every output relies on them.
    """
    if not isinstance(given.verdict, Verdict):  # its word would do for msgspec, and compares otherwise
        raise TypeError(f"it gave a CheckResult with {given.verdict!r:.80}, wanted a Verdict")
    try:
        msgspec.json.decode(msgspec.json.encode(given), type=CheckResult)  # the quickest look at every field
    except UnicodeEncodeError:
        return _convert(_encodable(msgspec.to_builtins(given)))
    except msgspec.ValidationError:
        _convert(msgspec.to_builtins(given))  # JSON has no NaN, which a measurement may be
    return given


def _convert(plain: Any) -> CheckResult:
    try:
        return msgspec.convert(plain, CheckResult)
    except msgspec.ValidationError as error:
        raise TypeError(f"it gave a CheckResult whose fields are not what they should be: {error}") from error


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {key: _encodable(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(member) for member in value]
    return value
