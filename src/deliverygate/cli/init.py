"""``deliverygate init``: the first policy of a repository, its waivers, a template for its changes, its pipeline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from deliverygate.cli.pipelines import HOME, PIPELINES, REF, Pipeline, lines
from deliverygate.cli.saying import say
from deliverygate.redaction import outlet

KEPT = "kept   "

HEAD = """\
# What a change must show before it may go on: deliverygate run STAGE
# Every setting: deliverygate gates explain NAME
version: 1

waivers: .deliverygate/waivers.yml

stages:
  pre-merge:
    - gate: pr-checklist
      template: {template}
      sections: [Summary]
"""

ESLINT = """
    # npx eslint . --format json --output-file reports/eslint.json
    - gate: static-analysis
      scans: [reports/eslint.json]
      min_score: 90
      max: {critical: 0}
"""

SARIF = """
    # any tool that writes SARIF, e.g. ruff check --output-format sarif --output-file reports/ruff.sarif
    - gate: static-analysis
      scans: ["reports/*.sarif"]
      max: {critical: 0, high: 0}
"""

TRIVY_FS = """
    # trivy fs --format json --output reports/trivy.json .
    - gate: trivy
      report: reports/trivy.json
      fail_on: high
      max_age: 1d
"""

TRIVY_IMAGE = """
  build:
    - gate: trivy
      image: ${IMAGE}
      fail_on: high
      timeout: 10m
"""

HEALTH = """
  post-deploy:
    - gate: health
      # allow_private: true  # for a service that lies in a private network
      endpoints:
        - url: ${SERVICE_URL}/health
          expect: {status: 200}
          wait: 60s
"""

WAIVERS = """\
# Findings that are let through for a while: who answers for it, why, and until when.
# version: 1 and a list; an entry reads
#
#   - id: W-1
#     match: {rule: CVE-2024-5535, purl: pkg:deb/debian/openssl}
#     reason: the vulnerable code is never called; see the issue
#     owner: "@team-payments"
#     created: 2026-01-15
#     expires: 2026-03-31
#     issue: https://tracker.example/SHOP-17
version: 1
waivers: []
"""

TEMPLATE = """\
## Summary

<!-- What changes, and why? -->

## Checklist

- [ ] Tests show the new behaviour
- [ ] The documentation says what users must know
- [ ] The change can be rolled back, or the description says why not
"""

LOCK_FILES = ("package-lock.json", "yarn.lock", "pnpm-lock.yaml", "poetry.lock", "uv.lock", "requirements.txt",
              "go.sum", "Cargo.lock", "pom.xml", "gradle.lockfile", "Gemfile.lock", "composer.lock")  # fmt: skip


def _named(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """A path or revision: it becomes part of a YAML file, so it is nothing but that."""
    if not re.fullmatch(r"[\w.-]+(/[\w.-]+)*", value, re.ASCII):
        raise click.BadParameter("letters, digits, '.', '_' and '-', with '/' in between")
    return value


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".")
@click.option("--ci", type=click.Choice(list(PIPELINES)), help="Write the lines for this system's pipeline too")
@click.option(
    "--from", "home", metavar="GROUP/PROJECT", default=HOME, show_default=True, callback=_named,
    help="Where that system keeps deliverygate",
)  # fmt: skip
@click.option(
    "--ref",
    default=REF,
    show_default=True,
    callback=_named,
    help="The revision of deliverygate: a tag, or better a commit",
)
def init(folder: Path, ci: str | None, home: str, ref: str) -> None:
    """Write a policy for this repository."""
    template = PIPELINES[ci].template if ci else template_path(folder)
    files = {
        Path(".deliverygate.yml"): policy_text(folder, template),
        Path(".deliverygate/waivers.yml"): WAIVERS,
        template: TEMPLATE,
    }
    for path, text in files.items():
        say(f"{_write(folder / path, text)}  {path.as_posix()}")
    if ci:
        _add_pipeline(folder, PIPELINES[ci], lines(ci, home=home, ref=ref))
    say("next: read the policy, then `deliverygate config check` and `deliverygate run pre-merge`", err=True)


def template_path(folder: Path) -> Path:
    """Where this repository's platform looks for the template of a description."""
    if (folder / ".gitlab-ci.yml").exists() or (folder / ".gitlab").is_dir():
        return PIPELINES["gitlab"].template
    if (folder / ".github").is_dir():
        return PIPELINES["github"].template
    return Path(".deliverygate/change.md")


def _add_pipeline(folder: Path, pipeline: Pipeline, text: str) -> None:
    """Write the file of the pipeline; where it is there, say what to add to it."""
    written = _write(folder / pipeline.path, text)
    say(f"{written}  {pipeline.path.as_posix()}")
    held = (folder / pipeline.path).read_text(encoding="utf-8", errors="replace")
    if "deliverygate" not in held:
        say(f"{pipeline.path.as_posix()} is there already and stays as it is; add to it:\n\n{text}", err=True)


def policy_text(folder: Path, template: Path) -> str:
    """A policy that asks for what this repository can show."""
    return HEAD.format(template=template.as_posix()) + "".join(_parts(folder))


def _parts(folder: Path) -> Iterator[str]:
    yield ESLINT if (folder / "package.json").exists() else SARIF
    if any((folder / name).exists() for name in LOCK_FILES):
        yield TRIVY_FS
    if (folder / "Dockerfile").exists():
        yield TRIVY_IMAGE
    yield HEALTH


def _write(path: Path, text: str) -> str:
    """Create the file; one that is there stays as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(outlet.redact(text))
    except FileExistsError:
        return KEPT
    return "written"
