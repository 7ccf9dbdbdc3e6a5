"""``deliverygate waivers``: which findings are let through, until when, and one more of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deliverygate.cli.policy import config_option, open_policy
from deliverygate.cli.saying import say
from deliverygate.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from deliverygate.judging.waivers import Terms
    from deliverygate.model import Waiver

LEGAL_STAGE = ""  # no stage is called so: waivers need the policy's frame only, not the settings of its gates


class Day(click.ParamType):  # type: ignore[type-arg]  # generic in some versions of click only
    """A date, e.g. 2027-03-31."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date; write YYYY-MM-DD", param, ctx)


on_option = click.option("--on", "day", type=Day(), help="Look from another day  [default: today, in UTC]")


@click.group()
def waivers() -> None:
    """List, check and add waivers."""


@waivers.command("list")
@config_option
@on_option
def list_(path: Path | None, day: date | None) -> None:
    """List every waiver with its owner, its end and its source."""
    from deliverygate.cli.law import read_law, waiver_terms
    from deliverygate.cli.law_files import FolderFiles

    opened = open_policy(path, (), stage=LEGAL_STAGE)
    policy, root = opened.policy, opened.root
    law = read_law(policy, FolderFiles(root))
    terms = waiver_terms(law.settings, day or _today())
    rows = [(each.id, describe(each), each.owner or "", left(each, terms), each.source) for each in law.waivers]
    for line in _table([("ID", "WHAT", "OWNER", "END", "SOURCE"), *dict.fromkeys(rows)] if rows else []):
        say(line)
    _warn(law.notes)


@waivers.command()
@config_option
@on_option
def check(path: Path | None, day: date | None) -> None:
    """Check the waivers for faults, and name those that have ended or soon will.

    Exit code 2 when a file has a fault; a waiver that has ended is none.
    """
    from deliverygate.cli.law import read_law, waiver_terms
    from deliverygate.cli.law_files import FolderFiles

    opened = open_policy(path, (), stage=LEGAL_STAGE)
    policy, root = opened.policy, opened.root
    law = read_law(policy, FolderFiles(root))
    terms = waiver_terms(law.settings, day or _today())
    _warn([*terms.notes(law.waivers), *_too_long(law.waivers, terms), *_no_such_stage(law.own, policy.stage_names)])
    _warn(law.notes)
    each = {waiver.id: waiver for waiver in law.waivers}.values()
    over = sum(1 for waiver in each if terms.is_over(waiver))
    say(f"no fault in {len(each)} waiver{'' if len(each) == 1 else 's'}" + (f", {over} expired" if over else ""))


@waivers.command()
@config_option
@click.option("--reason", required=True, help="Why it does no harm until then, at least 10 characters")
@click.option("--owner", required=True, help="Who answers for it, e.g. @team-payments")
@click.option("--expires", type=Day(), help="The last day on which it holds")
@click.option("--days", type=click.IntRange(0, 36_500), help="How many days it holds, instead of --expires")
@click.option("--rule", help="Rule or vulnerability, e.g. CVE-2024-5535")
@click.option("--purl", help="Package URL, e.g. pkg:npm/lodash")
@click.option("--package", help="Name of a package that has no package URL, e.g. openssl")
@click.option("--fingerprint", help="One finding, by the identity that report.json has")
@click.option("--path", "glob", help="Pattern over the path, e.g. legacy/**")
@click.option("--tool", help="The tool, e.g. trivy")
@click.option("--stage", "stages", multiple=True, help="Stage in which it fits something; may be given several times")
@click.option("--issue", help="Where the work on it is tracked")
@click.option("--id", "name", help="Its id  [default: the next free W-NUMBER]")
def add(
    path: Path | None, expires: date | None, days: int | None, name: str | None, glob: str | None, **given: Any
) -> None:
    """Add a waiver to the waivers file."""
    from deliverygate.cli.files import write_atomically
    from deliverygate.cli.law import WAIVERS, waiver_terms
    from deliverygate.config.document import load
    from deliverygate.judging.waivers import parse
    from deliverygate.judging.waivers.adding import NEW_FILE, next_id
    from deliverygate.judging.waivers.adding import add as add_to
    from deliverygate.judging.waivers.file import Written
    from deliverygate.model import WaiverMatch

    opened = open_policy(path, (), stage=LEGAL_STAGE)
    policy, root = opened.policy, opened.root
    file = root / (policy.waivers.path or WAIVERS)
    text = _text(file) if file.exists() else NEW_FILE
    known = parse(load(text.encode(), _shown(file)))
    match: dict[str, Any] = {key: given.pop(key) for key in ("rule", "purl", "package", "fingerprint", "tool")}
    match["path"] = glob
    today = _today()
    waiver = Written(
        id=name or next_id(each.id for each in known),
        match=WaiverMatch(**match),
        created=today,
        expires=_last_day(today, expires, days),
        **given,
    )
    new = add_to(text, waiver, path=_shown(file))
    _warn_of_length(parse(load(new.encode(), _shown(file)))[-1], waiver_terms(policy.waivers, today))
    write_atomically(file, new.encode())
    say(f"{waiver.id} holds until {waiver.expires}: {_shown(file)}")


def describe(waiver: Waiver) -> str:
    """What it fits, e.g. ``CVE-2024-5535 in pkg:npm/lodash``."""
    match = waiver.match
    what = match.rule or match.fingerprint or "anything"
    where = [match.purl or match.package, match.path, f"stage {', '.join(waiver.stages)}" if waiver.stages else None]
    by = f" by {match.tool}" if match.tool else ""
    up_to = f" up to {match.severity.value}" if match.severity else ""
    return what + "".join(f" in {each}" for each in where if each) + by + up_to


def left(waiver: Waiver, terms: Terms) -> str:
    """How long it holds, e.g. ``in 12 days``."""
    if waiver.expires is None:
        return "never held"
    days = (waiver.expires - terms.today).days
    count = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"expired {count} ago" if days < 0 else f"in {count}" if days else "today"


def _too_long(waivers: Iterable[Waiver], terms: Terms) -> Iterable[str]:
    for waiver in {waiver.id: waiver for waiver in waivers}.values():
        if severities := terms.too_long_for(waiver):
            names = ", ".join(severity.value for severity in severities)
            yield f"Waiver {waiver.id} ({waiver.owner}) is too long for findings of severity {names}: they count."


def _no_such_stage(waivers: Iterable[Waiver], known: Iterable[str]) -> Iterable[str]:
    from deliverygate.config.faults import did_you_mean

    for waiver in waivers:
        for stage in waiver.stages:
            if stage not in known:
                yield f"Waiver {waiver.id} names the stage {stage!r}, which the policy does not have; " + did_you_mean(
                    stage, known
                )


def _warn_of_length(waiver: Waiver, terms: Terms) -> None:
    """Refuse a waiver that would let nothing through, and say which findings one leaves counting."""
    from deliverygate.model import Severity

    if len(terms.too_long_for(waiver)) == len(Severity):
        mend = f"{max(terms.max_days.values())} days are the most"
        raise UsageError(f"{waiver.expires} is too late for any finding", where="--expires", mend=mend)
    _warn(_too_long([waiver], terms))


def _last_day(today: date, expires: date | None, days: int | None) -> date:
    if (expires is None) == (days is None):
        raise UsageError("needs an end", where="waivers add", mend="give either --expires or --days")
    return expires or today + timedelta(days=days or 0)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"is not UTF-8 (byte {error.start})", where=_shown(file), mend="save it as UTF-8") from error
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", where=_shown(file), mend="make it readable") from error


def _shown(file: Path) -> str:
    here = Path.cwd()
    return file.relative_to(here).as_posix() if file.is_relative_to(here) else str(file)


def _today() -> date:
    return datetime.now(UTC).date()


def _warn(notes: Iterable[str]) -> None:

    for note in notes:
        say(note, err=True)


def _table(rows: list[tuple[str, ...]]) -> Iterable[str]:
    from deliverygate.renderers.text import clean, neutral

    cells = [[neutral(clean(cell)) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
