"""The lines by which a pipeline calls deliverygate: written by ``init --ci``, or told where a file is there already."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deliverygate import __version__

GITLAB = """\
# {home} is where this GitLab keeps deliverygate. More jobs and inputs: docs/ci.md there.
include:
  - project: {home}
    ref: {ref}
    file: ci-templates/gitlab/deliverygate.gitlab-ci.yml
    inputs: {{ image: "$CI_REGISTRY/{home}:{version}" }}
"""

GITHUB = """\
# {home} is where deliverygate is kept. Name the commit of {ref} instead of the tag: a tag can be moved.
name: delivery gate
on:
  pull_request:
    types: [opened, edited, synchronize, reopened, ready_for_review]
permissions: {{}}
jobs:
  pre-merge:
    runs-on: ubuntu-latest
    permissions: {{ contents: read, pull-requests: write }}
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
        with: {{ fetch-depth: 0, persist-credentials: false }}
      # here the steps that write the reports which the policy reads
      - uses: {home}/ci-templates/github@{ref}
        with: {{ stage: pre-merge }}
"""


@dataclass(frozen=True)
class Pipeline:
    """One system's file and what stands in it."""

    path: Path
    text: str
    template: Path  #: where this system looks for the template of a description


PIPELINES = {
    "gitlab": Pipeline(
        path=Path(".gitlab-ci.yml"),
        text=GITLAB,
        template=Path(".gitlab/merge_request_templates/Default.md"),
    ),
    "github": Pipeline(
        path=Path(".github/workflows/deliverygate.yml"),
        text=GITHUB,
        template=Path(".github/pull_request_template.md"),
    ),
}
HOME = "platform/deliverygate"
REF = f"v{__version__}"


def lines(system: str, *, home: str, ref: str) -> str:
    """The lines for ``system``; ``home`` is the project or repository that has deliverygate, ``ref`` its revision."""
    return PIPELINES[system].text.format(home=home, ref=ref, version=__version__)
