"""A plan in the words of the system that runs it: a child pipeline, a matrix, an Indexed Job.

In each of them a shard finds its own number: GitLab counts the copies of a job (``CI_NODE_INDEX``), in GitHub the
matrix gives it, Kubernetes counts completions (``JOB_COMPLETION_INDEX``, from 0).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from deliverygate.conversions import whole
from deliverygate.errors import UsageError
from deliverygate.sharding.planning import Plan

PLAN = ".deliverygate/plan.json"  #: relative to the root of the repository
SHARDS = ".deliverygate/shards"  #: each shard's reports lie in a folder below it, by its number
MERGED = ".deliverygate/out/merged"
MOST_COPIES = 200  #: of a job in GitLab (docs.gitlab.com/ci/yaml, `parallel`); jobs of a matrix in GitHub: 256
MOST_OF_A_MATRIX = 256
RUN = "DELIVERYGATE_RUN"  #: see ``platforms.pipeline``
SHOWN_GATES = 3

#: How a shard learns its number from its environment: variable, and what to add to it.
COUNTERS = {"JOB_COMPLETION_INDEX": 1, "CI_NODE_INDEX": 0}


def own_number(environ: Mapping[str, str]) -> int | None:
    """The number of the shard that this process is, counted from 1; None where the environment does not say."""
    for name, more in COUNTERS.items():
        if (number := whole(environ.get(name, ""))) is not None and number >= 0:
            return number + more
    return None


def gitlab(plan: Plan, *, image: str, parent: str, job: str) -> dict[str, Any]:
    """A child pipeline; ``job`` of the pipeline ``parent`` is the one that planned, and keeps the plan."""
    _limit(plan, MOST_COPIES, "copies of a job in GitLab")
    base = {"image": {"name": image, "entrypoint": [""]}, "variables": {"GIT_DEPTH": "0", **_run(plan)}}
    planned = {"pipeline": parent, "job": job}
    return {
        # Without rules of its own a child of a merge request's pipeline would have no jobs.
        "workflow": {"rules": [{"when": "always"}]},
        "stages": ["judge", "verdict"],
        "deliverygate shard": {
            **base,
            "stage": "judge",
            "parallel": len(plan.shards),
            "needs": [planned],
            "script": [f'deliverygate shard --plan {PLAN} --output "{SHARDS}/$CI_NODE_INDEX"'],
            "artifacts": {"when": "always", "paths": [f"{SHARDS}/"], "expire_in": "1 week"},
        },
        "deliverygate verdict": {
            **base,
            "stage": "verdict",
            "when": "always",
            "needs": [planned, {"job": "deliverygate shard", "artifacts": True}],
            "script": [f"deliverygate merge {SHARDS}/* --plan {PLAN} --output {MERGED}"],
            "artifacts": {
                "when": "always",
                "paths": [f"{MERGED}/"],
                "reports": {"junit": f"{MERGED}/junit.xml", "codequality": f"{MERGED}/codequality.json"},
            },
        },
    }


def github(plan: Plan) -> dict[str, Any]:
    """A matrix for ``strategy.matrix``, through ``fromJSON``."""
    _limit(plan, MOST_OF_A_MATRIX, "jobs of a matrix in GitHub")
    count = len(plan.shards)
    return {
        "include": [
            {"shard": number, "name": f"{number} of {count}: {_told(plan, number)}"} for number in _numbers(plan)
        ]
    }


def kubernetes(plan: Plan, *, image: str, claim: str) -> dict[str, Any]:
    """An Indexed Job over a checkout that lies on the volume of ``claim``, with the plan in it.

    A shard that blocks must not end the others, nor be tried again (batch/v1, ``backoffLimitPerIndex``).
    """
    count = len(plan.shards)
    folder = "/workspace"
    container = {
        "name": "shard",
        "image": image,
        "workingDir": folder,
        "command": ["deliverygate", "shard", "--plan", f"{folder}/{PLAN}"],
        **({"env": [{"name": RUN, "value": plan.run}]} if plan.run else {}),
        "args": ["--output", f"{folder}/{SHARDS}/$(JOB_COMPLETION_INDEX)"],
        "volumeMounts": [{"name": "workspace", "mountPath": folder}],
        "resources": {"requests": {"cpu": "500m", "memory": "512Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": f"{_label(f'deliverygate-{plan.stage}')[:52].rstrip('-')}-{plan.digest[:10]}",
            "labels": {"app.kubernetes.io/name": "deliverygate"},
        },
        "spec": {
            "completionMode": "Indexed",
            "completions": count,
            "parallelism": count,
            "backoffLimitPerIndex": 0,
            "maxFailedIndexes": count,
            "template": {
                "spec": {
                    "restartPolicy": "Never",
                    "automountServiceAccountToken": False,
                    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
                    "containers": [container],
                    "volumes": [{"name": "workspace", "persistentVolumeClaim": {"claimName": claim}}],
                }
            },
        },
    }


def _run(plan: Plan) -> dict[str, str]:
    """What tells the jobs of another pipeline, or of a cluster, for which run they judge."""
    return {RUN: plan.run} if plan.run else {}


def _numbers(plan: Plan) -> range:
    return range(1, len(plan.shards) + 1)


def _told(plan: Plan, number: int) -> str:
    names = plan.names(number)
    more = f" and {len(names) - SHOWN_GATES} more" if len(names) > SHOWN_GATES else ""
    return ", ".join(names[:SHOWN_GATES]) + more


def _label(name: str) -> str:
    """Letters, digits and dashes, as RFC 1123 wants a name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _limit(plan: Plan, most: int, what: str) -> None:
    if len(plan.shards) > most:
        raise UsageError(f"{len(plan.shards)} shards, and there are at most {most} {what}", mend="lower --shards")
