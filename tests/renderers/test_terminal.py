"""What a run says at its end, and while it runs."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from deliverygate.model import CheckResult, GateResult, Measurement, Report, Rule, Verdict
from deliverygate.renderers.progress import Progress
from deliverygate.renderers.terminal import plain, render
from deliverygate.testing import finding
from deliverygate.testing.doors import FakeClock
from tests.renderers.sample_report import ALLOWED, CHECKLIST, HOSTILE, REPORT, TRIVY, many, with_checks, with_findings


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def verdict(report: Report) -> str:
    return render(report, colour=False, width=0).splitlines()[-1]


def one(verdict: Verdict, *, blocks: bool = True) -> GateResult:
    return GateResult(
        gate="demo", id=verdict.value, checks=(CheckResult(name="x", verdict=verdict, summary="s"),), blocks=blocks
    )


def of(*gates: GateResult) -> Report:
    return Report(
        stage="build", gates=gates, policy=REPORT.policy, started_at=REPORT.started_at, seconds=1.0, version="0.1.0"
    )


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (ALLOWED, "ALLOWED       build: every gate that blocks has passed"),
        (
            of(one(Verdict.FAILED, blocks=False)),
            "ALLOWED       build: no gate of this stage blocks yet, each one only warns",
        ),
        (of(one(Verdict.FAILED)), "BLOCKED       build: a rule of the policy is broken: failed"),
        (of(one(Verdict.ERROR)), "BLOCKED       build: a gate could not judge: error"),
        (of(one(Verdict.INCONCLUSIVE)), "BLOCKED       build: the evidence does not suffice: inconclusive"),
        (of(one(Verdict.SKIPPED)), "BLOCKED       build: nothing was judged: skipped"),
        (of(), "BLOCKED       build: nothing was judged"),
        (
            of(one(Verdict.FAILED), one(Verdict.ERROR), one(Verdict.INCONCLUSIVE, blocks=False)),
            "BLOCKED       build: a rule of the policy is broken: failed; also blocking: error",
        ),
    ],
    ids=["allowed", "only warnings", "failed", "error", "inconclusive", "skipped", "no gates", "several"],
)
def test_the_last_line_says_whether_the_change_may_go_on_and_why(report: Report, line: str) -> None:
    assert verdict(report) == line


def test_only_the_first_ten_findings_are_shown() -> None:
    lines = plain(with_findings(*many(1000))).decode().splitlines()

    assert len([line for line in lines if "  rule-" in line]) == 10
    assert "              990 more in report.json" in lines


def test_nothing_is_said_twice() -> None:
    told = Rule(id="told", remedy="Tick it.")
    own = Rule(id="own", remedy="A thing is wrong", help_uri="https://rules.test/own")
    other = Rule(id="other", remedy="Do this.")
    check = CheckResult(
        name="c",
        verdict=Verdict.FAILED,
        summary="status 503, wanted 200 (0.1 s)",
        findings=tuple(finding(rule.id, message="A thing is wrong") for rule in (told, own, other)),
        measurements=(Measurement(name="status", value=503, wanted="200"),),
        rules=(told, own, other),
        mend="Tick it. Do more.",
    )

    lines = plain(with_checks(check)).decode().splitlines()

    assert [line.strip() for line in lines[2:-2]] == [
        "FAILED        demo  c  status 503, wanted 200 (0.1 s)",
        "mend: Tick it. Do more.",
        "high  other  A thing is wrong",
        "high  own  A thing is wrong",
        "high  told  A thing is wrong",
        "own: https://rules.test/own",
        "other: Do this.",
    ]


@pytest.mark.parametrize("width", [0, 20, 40, 80, 100])
def test_no_text_of_a_stranger_reaches_the_terminal_or_the_ci_server(width: int) -> None:
    hostile = f"{HOSTILE} ::error::x ##[error]y " * 20
    check = CheckResult(name=hostile, verdict=Verdict.FAILED, summary=hostile, details=hostile, mend=hostile)
    report = with_checks(check, stage=hostile)

    text = render(report, colour=False, width=width)

    assert not {character for character in text if not character.isprintable()} - {"\n"}
    assert not [line for line in text.splitlines() if line.strip().startswith("::") or "##[" in line]


def test_a_wrapped_line_goes_on_below_its_text() -> None:
    text = render(ALLOWED, colour=False, width=60)

    assert max(len(line) for line in text.splitlines()) <= 60
    assert "\n              critical  CVE-2024-5535\n                pkg:apk/alpine/openssl@3.1.4  openssl:\n" in text


def test_without_colour_there_is_no_escape_and_with_it_only_the_first_word_has_one() -> None:
    coloured = render(REPORT, colour=True, width=0)
    bare = render(REPORT, colour=False, width=0)

    assert "\x1b" not in bare
    assert coloured.count("\x1b[0m") == coloured.count("\x1b") / 2
    assert coloured.splitlines()[0] == "\x1b[32mPASSED\x1b[0m        pr-checklist     1 check, 0.2 s"


def watch(stream: io.StringIO) -> Iterator[str]:
    clock = FakeClock()
    with Progress(stream, ["trivy-image", "pr-checklist"], now=clock.monotonic) as progress:
        progress.started("trivy-image")
        progress.said("trivy-image", "::error::pulling\x1b[2J the image")
        clock.sleep(2)
        progress.finished(TRIVY)
        progress.started("pr-checklist")
        progress.finished(CHECKLIST)
        yield stream.getvalue()
    yield stream.getvalue()


def test_elsewhere_than_on_a_terminal_each_event_is_a_plain_line() -> None:
    *_, text = watch(io.StringIO())

    assert text.splitlines() == [
        "started       trivy-image",
        "running       trivy-image  ::error::pulling the image",
        "warned        trivy-image  1 of 1 check failed, 2.0 s",
        "started       pr-checklist",
        "passed        pr-checklist  1 check, 0.2 s",
    ]


def test_on_a_terminal_a_table_shows_each_gate_with_its_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console

    monkeypatch.setenv("TERM", "xterm")
    clock = FakeClock()
    stream = Terminal()
    with Progress(stream, ["trivy-image", "[bold]x[/bold]", "health"], now=clock.monotonic) as progress:
        progress.started("trivy-image")
        progress.finished(TRIVY)
        progress.started("[bold]x[/bold]")
        progress.said("[bold]x[/bold]", "asking\x1b[2J [red]once[/red]")
        clock.sleep(12)
        shown = io.StringIO()
        Console(file=shown, width=80).print(progress.table())

    assert [" ".join(line.split()) for line in shown.getvalue().splitlines()] == [
        "warned trivy-image 2 s 1 of 1 check failed",
        "running [bold]x[/bold] 12 s asking [red]once[/red]",
        "waiting health",
    ]
    assert "asking [red]once[/red]" in stream.getvalue()
    assert "\x1b[2J" not in stream.getvalue()


def test_a_terminal_that_cannot_move_its_cursor_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()

    with Progress(stream) as progress:
        progress.started("health")

    assert stream.getvalue() == "started       health\n"
