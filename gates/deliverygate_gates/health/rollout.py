"""Whether a rollout has really come to its end: seen by its controller, every pod new, available, of the right image.

More is asked than `kubectl rollout status` does: it believes the counts alone, and no pod's image.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from deliverygate.gate import Container, Pod, Workload
from deliverygate.model import CheckResult, Measurement, Verdict
from deliverygate_gates.health.placement import Kubernetes

SHOWN = 20  #: pods that are told
ENDED = frozenset({"Succeeded", "Failed"})

WAIT = "see that the rollout goes on, and wait for its end with `wait`"
LOOK = "look at `kubectl describe` of its pods"

Outcome = tuple[Verdict, str, str]  #: with what was found, and how to mend it


def own_pods(workload: Workload, pods: Sequence[Pod]) -> tuple[Pod, ...]:
    """Those that the workload itself made and that have not ended: its selector may fit others too."""
    return tuple(each for each in pods if _is_own(workload, each) and each.phase not in ENDED)


def _is_own(workload: Workload, pod: Pod) -> bool:
    if workload.kind == "Deployment":
        return pod.owner == f"ReplicaSet/{workload.name}-{pod.template_hash}"
    return pod.owner == f"{workload.kind}/{workload.name}"


def judge_rollout(workload: Workload, pods: Sequence[Pod], rule: Kubernetes, *, name: str) -> CheckResult:
    """The verdict on what a workload tells of itself, and on its ``pods``, terminating ones among them."""
    staying = [each for each in pods if not each.terminating]
    verdict, summary, mend = next(_outcomes(workload, staying, rule))
    return CheckResult(
        name=name,
        verdict=verdict,
        summary=summary,
        measurements=tuple(_measurements(workload, staying, rule)),
        details="\n".join(_details(pods)),
        mend=mend,
    )


def _outcomes(workload: Workload, pods: Sequence[Pod], rule: Kubernetes) -> Iterator[Outcome]:
    """What was found, in the order in which it must be mended."""
    yield from _counted(workload, pods)
    yield from _seen(workload, pods)
    yield from _shipped(pods, rule)
    of_it = f", of {rule.digests[0]}" if rule.digests else ""
    yield Verdict.PASSED, f"all {workload.wanted} pods are new and available{of_it}", ""


def _counted(workload: Workload, pods: Sequence[Pod]) -> Iterator[Outcome]:
    """By the workload's own counts, in the order of `kubectl rollout status`."""
    wanted = workload.wanted
    if workload.observed_generation < workload.generation:
        what = f"its controller has seen generation {workload.observed_generation} of {workload.generation}"
        yield Verdict.FAILED, f"the last change is not rolled out yet: {what}", WAIT
    if workload.progressing == "ProgressDeadlineExceeded":
        yield Verdict.FAILED, f"the rollout is stuck (ProgressDeadlineExceeded){_why(pods)}", LOOK
    if wanted == 0:
        yield Verdict.INCONCLUSIVE, "it wants no pods, and none prove nothing", "scale it up"
    halted = ", and the rollout is paused" if workload.paused else ""
    mend = "resume it with `kubectl rollout resume`" if workload.paused else WAIT
    if workload.updated < wanted:
        yield Verdict.FAILED, f"{workload.updated} of {wanted} pods are new{halted}{_why(pods)}", mend
    if (old := workload.replicas - workload.updated) > 0:
        yield Verdict.FAILED, f"{_count(old, 'old pod')} still there{halted}", mend
    if workload.available < wanted:
        yield Verdict.FAILED, f"{workload.available} of {wanted} pods are available{_why(pods)}", LOOK


def _seen(workload: Workload, pods: Sequence[Pod]) -> Iterator[Outcome]:
    """By the pods themselves, which may be ahead of the counts."""
    templates = Counter(each.template_hash for each in pods)
    if len(templates) > 1:
        told = ", ".join(f"{template} ({number})" for template, number in templates.most_common(SHOWN))
        yield Verdict.FAILED, f"mixed: its pods are of several templates: {told}", WAIT
    if len(pods) != workload.wanted:
        yield Verdict.FAILED, f"{len(pods)} pods are there, wanted {workload.wanted}", WAIT
    if unready := [each for each in pods if not each.ready]:
        yield Verdict.FAILED, f"{_count(len(unready), 'pod')} not ready{_why(pods)}", LOOK


def _shipped(pods: Sequence[Pod], rule: Kubernetes) -> Iterator[Outcome]:
    if not rule.digests:
        return
    wrong = [each for each in pods if not _runs(each, rule) and _tells(each, rule)]
    unknown = [each for each in pods if not _runs(each, rule) and not _tells(each, rule)]
    found = ", ".join(sorted({str(image.digest) for each in wrong for image in _judged(each, rule)}))
    see = "see which image the workload names, and that the rollout began"
    if wrong and len(wrong) < len(pods):
        what = f"mixed: {len(wrong)} of {len(pods)} pods run another image: {found} (version_mixed)"
        yield Verdict.FAILED, what, WAIT
    if wrong:
        what = f"all {len(pods)} pods run {found}, wanted {' or '.join(rule.digests)} (version_mismatch)"
        yield Verdict.FAILED, what, see
    if unknown:
        which = f"the container {rule.container!r}" if rule.container else "an image"
        what = f"unknown: {len(unknown)} of {len(pods)} pods tell no digest of {which} (version_unknown)"
        yield Verdict.INCONCLUSIVE, what, "correct `container`, and let the image come from a registry"


def _judged(pod: Pod, rule: Kubernetes) -> tuple[Container, ...]:
    return tuple(each for each in pod.containers if rule.container in ("", each.name))


def _runs(pod: Pod, rule: Kubernetes) -> bool:
    return any(each.digest in rule.digests for each in _judged(pod, rule))


def _tells(pod: Pod, rule: Kubernetes) -> bool:
    judged = _judged(pod, rule)
    return bool(judged) and all(each.digest for each in judged)


def _why(pods: Sequence[Pod]) -> str:
    """Why containers do not run, each reason once."""
    reasons = Counter(each.waiting for pod in pods for each in pod.containers if each.waiting)
    return f": {', '.join(reason for reason, _ in reasons.most_common(3))}" if reasons else ""


def _count(number: int, what: str) -> str:
    return f"{number} {what} is" if number == 1 else f"{number} {what}s are"


def _measurements(workload: Workload, pods: Sequence[Pod], rule: Kubernetes) -> Iterator[Measurement]:
    wanted = str(workload.wanted)
    yield Measurement(
        name="observed generation", value=workload.observed_generation, wanted=f"at least {workload.generation}"
    )
    for name, value in (("new", workload.updated), ("all", workload.replicas), ("available", workload.available)):
        yield Measurement(name=f"{name} pods", value=value, wanted=wanted)
    if rule.digests:
        running = sum(_runs(each, rule) for each in pods)
        yield Measurement(name="pods with the image", value=running, wanted=wanted)


def _details(pods: Sequence[Pod]) -> Iterator[str]:
    for each in pods[:SHOWN]:
        state = "terminating" if each.terminating else "ready" if each.ready else "not ready"
        images = ", ".join(_describe(image) for image in each.containers)
        yield f"{each.name}: {state}, {images}"
    if len(pods) > SHOWN:
        yield f"... {len(pods) - SHOWN} more ..."


def _describe(container: Container) -> str:
    restarts = f", {container.restarts} restarts" if container.restarts else ""
    waiting = f", {container.waiting}" if container.waiting else ""
    return f"{container.image} ({container.digest or 'no digest'}{restarts}{waiting})"
