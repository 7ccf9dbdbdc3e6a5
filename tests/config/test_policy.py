"""The policy: layers, provenance, and faults with line, path and what was probably meant."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec
import pytest

from deliverygate.config.faults import did_you_mean
from deliverygate.config.policy import read_policy
from deliverygate.config.shape import GateKind, Policy
from deliverygate.errors import ConfigError
from deliverygate.model import Duration, Enforcement, Severity


class Endpoint(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    url: str
    status: int = 200
    within: Duration | None = None


class Settings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    fail_on: Severity = Severity.HIGH
    limit: int = 0
    share: Annotated[float, msgspec.Meta(le=100)] | None = None
    files: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("a",)
    title: str = ""
    endpoints: tuple[Endpoint, ...] = ()
    max: dict[Severity, int] = {}
    unknown: Literal["block", "warn", "ignore"] = "block"
    looks_at: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.limit < 0:
            raise ValueError("limit is below zero; write 0 or more")


def lookup(name: str) -> GateKind:
    if name != "trivy":
        raise ConfigError(f"no gate {name!r} is installed", mend=did_you_mean(name, ["trivy"]))
    return GateKind(settings=Settings, looks_at=lambda settings: settings.looks_at, gate=name)


def read(text: str, *, stage: str | None = None, overrides: tuple[str, ...] = (), **environ: str) -> Policy:
    return read_policy(
        text.encode(), path=".deliverygate.yml", lookup=lookup, environ=environ, overrides=overrides, stage=stage
    )


def faults(text: str, **more: object) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        read(text, **more)  # type: ignore[arg-type]
    return [str(raised.value), *map(str, raised.value.others)]


def build(*lines: str) -> str:
    """A policy with one stage; the lines are those of its gates."""
    return "\n".join(["version: 1", "stages:", "  build:", *(f"    {line}" for line in lines)])


def test_a_policy_is_read_with_its_settings_typed() -> None:
    policy = read(build("- gate: trivy", "  fail_on: critical", "  max: {high: 3}", "  timeout: 1m30s"))

    (spec,) = policy.stages["build"]
    assert spec.settings == Settings(fail_on=Severity.CRITICAL, max={Severity.HIGH: 3})
    assert (spec.id, spec.timeout_seconds, spec.where) == ("trivy", 90.0, ".deliverygate.yml:4")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["- gate: trivy", "  fail_on: hihg"], "5: stages.build[0].fail_on: 'hihg' is not a severity; did you mean 'high'?"),
        (["- {gate: trivy, id: a b}"], "4: stages.build[0].id: 'a b' is not a name; write letters, digits, dots, dashes "
         "and underscores, a letter or digit first"),
        (["- {gate: trivy, share: 101}"], "4: stages.build[0].share: 101 is out of range; write a number of at most 100.0"),
        (["- {gate: trivy, share: x}"], "4: stages.build[0].share: 'x' is not a number; write a number"),
        (["- {gate: trivy, files: []}"], "4: stages.build[0].files: the list [] has 0 entries; write at least 1"),
        (["- gate: trviy"], "4: stages.build[0].gate: no gate 'trviy' is installed; did you mean 'trivy'?"),
        (["- gate: trivy", "  fial_on: low"], "5: stages.build[0].fial_on: unknown setting; did you mean 'fail_on'?"),
        (["- gate: trivy", "  limit: x"], "5: stages.build[0].limit: 'x' is not a whole number; write a whole number"),
        (["- gate: trivy", "  limit: 1.5"], "5: stages.build[0].limit: 1.5 is not a whole number; write a whole number"),
        (["- gate: trivy", "  limit: true"], "5: stages.build[0].limit: True is not a whole number; write a whole number"),
        (["- gate: trivy", "  title: 3"], "5: stages.build[0].title: 3 is not text; write text"),
        (["- gate: trivy", "  limit: -1"], "4: stages.build[0]: limit is below zero; write 0 or more"),
        (["- gate: trivy", "  max: {hgih: 1}"], "5: stages.build[0].max.hgih: 'hgih' is not a severity; did you mean 'high'?"),
        (["- gate: trivy", "  max: {low: 1, high: a}"], "5: stages.build[0].max.high: 'a' is not a whole number; write a whole number"),
        (["- gate: trivy", "  unknown: blok"], "5: stages.build[0].unknown: 'blok' is not one of block, ignore, warn; did you mean 'block'?"),
        (["- gate: trivy", "  endpoints:", "  - url: a", "  - url: b", "    statsu: 1"], "8: stages.build[0].endpoints[1].statsu: unknown setting; did you mean 'status'?"),
        (["- gate: trivy", "  endpoints:", "  - url: a", "  - status: 1"], "7: stages.build[0].endpoints[1]: `url` is missing; add `url:`"),
        (["- gate: trivy", "  endpoints: [{url: a, within: soon}]"], "5: stages.build[0].endpoints[0].within: 'soon' is not a duration; write seconds or a span such as 90s, 5m, 1h30m"),
        (["- gate: trivy", "  timeout: -3"], "5: stages.build[0].timeout: -3 is not a duration; write seconds or a span such as 90s, 5m, 1h30m"),
        (["- gate: trivy", "  timeout: 0"], "5: stages.build[0].timeout: 0s leaves a gate no time; write a span such as 90s"),
        (["- gate: trivy", "  enforce: blok"], "5: stages.build[0].enforce: 'blok' is not one of block, warn; did you mean 'block'?"),
        (["- gate: trivy", "  block_from: 2027-13-01"], "5: stages.build[0].block_from: '2027-13-01' is not a date; write YYYY-MM-DD"),
        (["- gate: trivy", "  enforce: block", "  block_from: 2027-01-01"], "6: stages.build[0].block_from: stands beside `enforce`; keep one of the two"),
        (["- gate: trivy", "  needs: [trviy]"], "5: stages.build[0].needs: no gate 'trviy' in this stage; did you mean 'trivy'?"),
        (["- gate: trivy", "- gate: trivy"], "5: stages.build[1].gate: 'trivy' stands twice in this stage; give each an `id:` of its own"),
        (["- gate: trivy", "  id: a", "  needs: [b]", "- gate: trivy", "  id: b", "  needs: [a]"], "3: stages.build: these gates wait for each other: a -> b -> a; remove one of the `needs`"),
        (["- gate: trivy", "  looks_at: [trivy]"], "3: stages.build: these gates wait for each other: trivy -> trivy; remove one of the `needs`"),
        (["- gat: trivy"], "4: stages.build[0]: `gate` is missing; add `gate:`"),
        (["[]"], "3: stages.build: has no gates, so it can prove nothing; add a gate, or remove the stage"),
    ],
    ids=lambda value: value.partition(": ")[2][:60] if isinstance(value, str) else "",
)  # fmt: skip
def test_a_fault_names_line_path_and_cure(lines: list[str], said: str) -> None:
    assert faults(build(*lines)) == [f".deliverygate.yml:{said}"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ".deliverygate.yml: is empty; write a policy, or let `deliverygate init` write one"),
        ("[]", ".deliverygate.yml:1: is not a mapping; start with `version: 1` and `stages:`"),
        ("version: 2\nstages: {}", ".deliverygate.yml:1: version: 2 is not 1; use one of 1"),
        ("stages: {}", ".deliverygate.yml:1: `version` is missing; add `version:`"),
        ("version: 1\nstagse: {}", ".deliverygate.yml:2: stagse: unknown setting; did you mean 'stages'?"),
        ("version: 1\nstages:\n  b: x", ".deliverygate.yml:3: stages.b: 'x' is not a list; write a list"),
    ],
    ids=["empty", "list", "version", "no version", "unknown key", "stage of text"],
)
def test_a_fault_in_the_outer_shape_is_answered_alike(text: str, said: str) -> None:
    assert faults(text) == [said]


def test_all_faults_are_shown_at_once() -> None:
    found = faults(build("- gate: trivy", "  fail_on: hihg", "- gate: trviy", "- gate: trivy", "  id: b", "  limt: 1"))

    assert [line.split(": ")[1] for line in found] == [
        "stages.build[0].fail_on",
        "stages.build[1].gate",
        "stages.build[2].limt",
    ]


def test_layers_win_in_their_order_and_each_value_says_where_it_came_from() -> None:
    text = "\n".join(
        [
            build("- gate: trivy", "  limit: ${N:-4}", "  title: ${T}", "  timeout: 30"),
            "defaults:",
            "  enforce: warn",
            "  gates:",
            "    trivy: {fail_on: low, limit: 9}",
        ]
    )

    policy = read(
        text,
        overrides=("build.trivy.max={critical: 1}",),
        T="42",
        DELIVERYGATE_BUILD__TRIVY__UNKNOWN="warn",
        DELIVERYGATE_BUILD__TRIVY__FAIL_ON="medium",
    )

    assert [(value.path.removeprefix("build.trivy."), str(value.value), value.origin) for value in policy.values] == [
        ("fail_on", "Severity.MEDIUM", "DELIVERYGATE_BUILD__TRIVY__FAIL_ON"),
        ("limit", "4", ".deliverygate.yml:5 from $N"),
        ("share", "None", "default"),
        ("files", "('a',)", "default"),
        ("title", "42", ".deliverygate.yml:6 from $T"),
        ("endpoints", "()", "default"),
        ("max", "{<Severity.CRITICAL: 'critical'>: 1}", "--set build.trivy.max"),
        ("unknown", "warn", "DELIVERYGATE_BUILD__TRIVY__UNKNOWN"),
        ("looks_at", "()", "default"),
        ("timeout", "30s", ".deliverygate.yml:7"),
        ("needs", "()", "default"),
        ("enforce", "warn", ".deliverygate.yml:9"),
        ("block_from", "None", ".deliverygate.yml:9"),
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"DELIVERYGATE_BUILD__TRVIY__X": "1"},
            "DELIVERYGATE_BUILD__TRVIY__X: names no gate of the policy; did you mean DELIVERYGATE_BUILD__TRIVY__X?",
        ),
        (
            {"DELIVERYGATE_OTHER__X": "1"},
            "DELIVERYGATE_OTHER__X: names no gate of the policy; write DELIVERYGATE_STAGE__GATE__SETTING",
        ),
        (
            {"DELIVERYGATE_BUILD__TRIVY__LIMT": "1"},
            "DELIVERYGATE_BUILD__TRIVY__LIMT: unknown setting; did you mean 'limit'?",
        ),
        (
            {"overrides": ("build.trivy.limit=x",)},
            "--set build.trivy.limit: 'x' is not a whole number; write a whole number",
        ),
        (
            {"overrides": ("bild.trivy.limit=1",)},
            "--set: 'bild.trivy.limit=1' names no gate of the policy; write STAGE.GATE.SETTING=VALUE "
            "with one of build.trivy",
        ),
    ],
    ids=[
        "variable of a misspelled gate",
        "variable of no gate",
        "variable of no setting",
        "wrong value",
        "option of no gate",
    ],
)
def test_a_fault_outside_the_file_names_its_place(more: dict[str, object], said: str) -> None:
    assert faults(build("- gate: trivy"), **more) == [said]


def test_a_stage_whose_name_is_none_is_a_fault() -> None:
    assert faults("version: 1\nstages:\n  a b: [{gate: trivy}]") == [
        ".deliverygate.yml:3: stages.a b: 'a b' is not a name; write letters, digits, dots, dashes and underscores, "
        "a letter or digit first"
    ]


def test_a_variable_that_could_mean_two_gates_is_a_fault() -> None:
    text = build("- {gate: trivy, id: a-b}", "- {gate: trivy, id: a_b}")

    assert faults(text, DELIVERYGATE_BUILD__A_B__LIMIT="9") == [
        "DELIVERYGATE_BUILD__A_B__LIMIT: names build.a-b and build.a_b alike; use --set, or give one of them another id"
    ]


def test_an_option_means_the_gate_with_the_longest_name_that_fits() -> None:
    text = build("- {gate: trivy, id: a}", "- {gate: trivy, id: a.limit}")

    policy = read(text, overrides=("build.a.limit.limit=9",))

    assert [spec.settings.limit for spec in policy.stages["build"]] == [0, 9]  # type: ignore[attr-defined]


def test_faults_stand_in_the_order_of_their_lines_and_those_of_variables_last() -> None:
    text = build("- gate: trviy", "- gate: trivy", "  limit: -1", "- gate: trivy", "  id: x", "  title: ${URL}")

    found = faults(text, DELIVERYGATE_BUILD__X__LIMIT="no")

    assert [line.partition(" ")[0] for line in found] == [
        ".deliverygate.yml:4:",
        ".deliverygate.yml:5:",
        ".deliverygate.yml:9:",
        "DELIVERYGATE_BUILD__X__LIMIT:",
    ]


def test_what_every_gate_has_can_be_set_outside_the_file_too() -> None:
    text = build("- gate: trivy", "  timeout: 30", "  block_from: 2027-01-01")

    policy = read(text, DELIVERYGATE_BUILD__TRIVY__TIMEOUT="5m", overrides=("build.trivy.enforce=warn",))

    (spec,) = policy.stages["build"]
    assert (spec.timeout_seconds, spec.enforcement) == (300.0, Enforcement("warn"))
    assert [(value.path, value.origin) for value in policy.values[-4:]] == [
        ("build.trivy.timeout", "DELIVERYGATE_BUILD__TRIVY__TIMEOUT"),
        ("build.trivy.needs", "default"),
        ("build.trivy.enforce", "--set build.trivy.enforce"),
        ("build.trivy.block_from", "--set build.trivy.enforce"),
    ]


def test_a_stage_is_read_without_the_variables_of_another() -> None:
    text = build("- gate: trivy") + "\n  live:\n    - gate: trivy\n      title: ${URL}\n"

    assert list(read(text, stage="build").stages) == ["build"]
    assert faults(text) == [
        ".deliverygate.yml:7: stages.live[0].title: ${URL} is not set; set URL, or write ${URL:-default}"
    ]


def test_value_that_does_not_fit_for_want_of_its_variable_is_one_fault() -> None:
    assert faults(build("- {gate: trivy, limit: 'x${N}'}")) == [
        ".deliverygate.yml:4: stages.build[0].limit: ${N} is not set; set N, or write ${N:-default}"
    ]


def test_other_faults_of_an_entry_with_an_unset_variable_are_told_too() -> None:
    assert faults(build("- {gate: trivy, title: '${T}', limit: x}")) == [
        ".deliverygate.yml:4: stages.build[0].title: ${T} is not set; set T, or write ${T:-default}",
        ".deliverygate.yml:4: stages.build[0].limit: 'x' is not a whole number; write a whole number",
    ]


def test_defaults_for_a_gate_that_is_not_installed_are_a_fault() -> None:
    text = build("- gate: trivy") + "\ndefaults: {gates: {trviy: {limit: 1}}}"

    assert faults(text) == [
        ".deliverygate.yml:5: defaults.gates.trviy: no gate 'trviy' is installed; did you mean 'trivy'?"
    ]


@pytest.mark.parametrize(
    ("lines", "enforcement"),
    [
        ([], Enforcement("block")),
        (["  enforce: warn"], Enforcement("warn")),
        (["  block_from: 2027-01-01"], Enforcement("warn", date(2027, 1, 1))),
    ],
    ids=["default", "warn", "from a date"],
)
def test_enforcement_is_what_the_entry_says(lines: list[str], enforcement: Enforcement) -> None:
    (spec,) = read(build("- gate: trivy", *lines)).stages["build"]

    assert spec.enforcement == enforcement
