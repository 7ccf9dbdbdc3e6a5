"""``--only``: some of a stage's gates, as a shard or somebody at a desk wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deliverygate.errors import UsageError

if TYPE_CHECKING:
    from deliverygate.config.shape import GateSpec

NO_VERDICT = "this is no verdict over the stage."  # the end of a note, by which ``shard`` knows it


def chosen(specs: tuple[GateSpec, ...], only: str | None) -> tuple[GateSpec, ...]:
    """The gates that ``only`` names, in the order of the policy; all without it. Raises UsageError."""
    if only is None:
        return specs
    names = [name.strip() for name in only.split(",") if name.strip()]
    known = [spec.id for spec in specs]
    for name in names:
        if name not in known:
            from deliverygate.config.faults import did_you_mean

            raise UsageError(f"the stage has no gate {name!r}", where="--only", mend=did_you_mean(name, known))
    if not names:
        raise UsageError("names no gate", where="--only", mend=f"name some of {', '.join(known)}")
    found = tuple(spec for spec in specs if spec.id in names)
    for spec in found:
        if lacking := [each for each in (*spec.needs, *spec.looks_at) if each in known and each not in names]:
            raise UsageError(
                f"{spec.id} builds on {', '.join(lacking)}", where="--only", mend=f"name {', '.join(lacking)} as well"
            )
    return found


def partial_notes(ran: tuple[GateSpec, ...], stage: tuple[GateSpec, ...]) -> tuple[str, ...]:
    """What the report says when not all gates of the stage ran."""
    if len(ran) == len(stage):
        return ()
    names = ", ".join(spec.id for spec in ran)
    return (f"Of the {len(stage)} gates of the stage {names} ran alone (--only); {NO_VERDICT}",)
