"""One secret, planted in every form in every input; no output holds it, nor anything that is decoded from one."""

from __future__ import annotations

import http.server
import json
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from xml.sax.saxutils import escape, quoteattr

import pytest
from plumbum import local

from tests.command import Ran, deliverygate
from tests.redaction.forms import FORMS, SECRET, traces

ENVIRON = {"SHOP_TOKEN": SECRET, "COLUMNS": "80"}
PLANTED = {name: f"at {form(SECRET)} it broke" for name, form in FORMS.items()}
XML = {name: text for name, text in PLANTED.items() if not set(text) & set("\0\b\x1b")}
LINE = {name: " ".join(text.split("\n")) for name, text in XML.items()}


class Answers(http.server.BaseHTTPRequestHandler):
    """Gives all forms in its body, its headers and the place that it leads to."""

    def do_GET(self) -> None:
        body = json.dumps({"status": "DOWN", **PLANTED}).encode()
        self.send_response(302 if self.path == "/away" else 500, "x" * 60 + SECRET)
        for number, text in enumerate(LINE.values()):
            self.send_header(f"X-Said-{number}", text.encode("ascii", "replace").decode())
        self.send_header("Content-Type", "application/json")
        self.send_header("Location", f"http://shop.invalid/{'y' * 80}{SECRET}?token={SECRET}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the test's own output quiet."""


@pytest.fixture
def server() -> Iterator[int]:
    """The port at which it answers."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as found:
        Thread(target=found.serve_forever, daemon=True).start()
        yield found.server_address[1]
        found.shutdown()


def junit() -> str:
    cases = "".join(
        f"<testcase name={quoteattr(text)} classname={quoteattr(text)} file={quoteattr(f'src/{text}.py')}>"
        f"<failure message={quoteattr(text)}>{escape(text)}</failure></testcase>"
        for text in XML.values()
    )
    return f'<testsuite name={quoteattr(PLANTED["plain"])} tests="{len(XML)}">{cases}</testsuite>'


def checkstyle() -> str:
    files = "".join(
        f"<file name={quoteattr(f'src/{text}.js')}><error line='1' severity='error' message={quoteattr(text)} "
        f"source={quoteattr(f'eslint.rules.{number}')}/></file>"
        for number, text in enumerate(LINE.values())
    )
    return f'<checkstyle version="4.3">{files}</checkstyle>'


def sarif() -> str:
    results = [
        {
            "ruleId": f"rule-{number}",
            "level": "error",
            "message": {"text": text},
            "locations": [
                {"physicalLocation": {"artifactLocation": {"uri": f"src/{number}.py"}, "region": {"startLine": 1}}}
            ],
        }
        for number, text in enumerate(PLANTED.values())
    ]
    rules = [
        {"id": f"rule-{number}", "shortDescription": {"text": text}, "help": {"text": text}}
        for number, text in enumerate(PLANTED.values())
    ]
    driver = {"name": "Tool", "version": "1.0", "rules": rules}
    return json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]})


def eslint() -> str:
    messages = [
        {"ruleId": "no-secret", "severity": 2, "message": text, "line": 1, "column": 1} for text in PLANTED.values()
    ]
    return json.dumps([{"filePath": f"src/{SECRET}.js", "messages": messages, "errorCount": len(messages), "warningCount": 0,
                        "fixableErrorCount": 0, "fixableWarningCount": 0}])  # fmt: skip


def trivy() -> str:
    found = [
        {"VulnerabilityID": f"CVE-2024-{1000 + number}", "PkgName": "openssl", "InstalledVersion": "1.0",
         "Severity": "HIGH", "Title": text, "Description": text, "PrimaryURL": f"https://ada:{SECRET}@avd.example/{number}"}
        for number, text in enumerate(PLANTED.values())
    ]  # fmt: skip
    result = {"Target": f"image {SECRET}", "Class": "os-pkgs", "Type": "debian", "Vulnerabilities": found}
    return json.dumps(
        {"SchemaVersion": 2, "ArtifactName": SECRET, "ArtifactType": "container_image", "Results": [result]}
    )


BROKEN_GATE = """\
import os
from pathlib import Path
from deliverygate.gate import Gate
from deliverygate.model import CheckResult, Verdict
from msgspec import Struct


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


def check(settings, context):
    said = Path("said").read_text()
    for line in said.split("\\n"):
        context.progress(line)
    context.log.warning("said %s", said)
    yield CheckResult(name="all", verdict=Verdict.FAILED, summary=said, details=said, mend=said)
    raise RuntimeError(said, os.environ["SHOP_TOKEN"])


gate = Gate(name="broken", summary="Break", settings=Settings, check=check)
"""

POLICY = """\
version: 1
stages:
  s:
    - {{ gate: command, id: out, name: "${{SHOP_TOKEN}}", run: [sh, -c, "cat said; cat said >&2; exit 1", "${{SHOP_TOKEN}}"] }}
    - {{ gate: command, id: gone, run: ["no-such-program-${{SHOP_TOKEN}}"] }}
    - {{ gate: broken }}
    - {{ gate: tests, reports: junit.xml }}
    - {{ gate: static-analysis, id: checkstyle, scans: checkstyle.xml, fail_on: low }}
    - {{ gate: static-analysis, id: sarif, scans: sarif.json, fail_on: low }}
    - {{ gate: static-analysis, id: eslint, scans: eslint.json, fail_on: low }}
    - {{ gate: static-analysis, id: missing, scans: "reports/${{SHOP_TOKEN}}.json" }}
    - {{ gate: trivy, report: trivy.json, fail_on: low }}
    - gate: health
      allow_private: true
      endpoints:
        - name: shop
          url: "http://127.0.0.1:{port}/up?token=${{SHOP_TOKEN}}"
          headers: {{ Authorization: "Bearer ${{SHOP_TOKEN}}" }}
          attempts: 1
          expect: {{ json: {{ status: UP, plain: x }}, headers: {{ X-Said-0: "up" }} }}
        - {{ name: away, url: "http://127.0.0.1:{port}/away", attempts: 1 }}
"""


@pytest.fixture
def checkout(tmp_path: Path, server: int) -> Path:
    """A change whose every text holds the secret."""
    files = {
        ".deliverygate.yml": POLICY.format(port=server),
        ".deliverygate/gates/broken.py": BROKEN_GATE,
        "said": "\n".join(PLANTED.values()),
        "junit.xml": junit(),
        "checkstyle.xml": checkstyle(),
        "sarif.json": sarif(),
        "eslint.json": eslint(),
        "trivy.json": trivy(),
        f"{SECRET}.json": "{",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    git = local["git"]["-C", tmp_path, "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    git("init", "-q", "-b", "main")
    git("add", ".deliverygate.yml")
    git("commit", "-q", "-m", "Begin")
    git("checkout", "-q", "-b", "token-" + SECRET.replace("'", "").replace("<", "").replace(">", ""))
    git("commit", "-q", "--allow-empty", "-m", f"Use {SECRET}\n\n" + "\n".join(LINE.values()))
    return tmp_path


def left(ran: Ran, folder: Path | None = None) -> dict[str, list[str]]:
    """Which output holds what of the secret."""
    outputs = {
        "stdout": ran.stdout.encode(errors="surrogateescape"),
        "stderr": ran.stderr.encode(errors="surrogateescape"),
    }
    if folder:
        outputs |= {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: found for name, data in outputs.items() if (found := traces(data))}


@pytest.mark.parametrize("platform", ["git", "github"])
def test_no_output_of_a_run_holds_a_secret(checkout: Path, platform: str) -> None:
    output = checkout / ".deliverygate/out/s"
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": "http://127.0.0.1:9",
        "GITHUB_REPOSITORY": "shop/shop",
        "GITHUB_STEP_SUMMARY": str(output / "summary.md"),
        "GITHUB_OUTPUT": str(output / "outputs"),
    }

    ran = deliverygate(
        *("run", "s", "--title", f"Use {SECRET}", "--platform", platform),
        folder=checkout,
        environ=ENVIRON | (github if platform == "github" else {}),
    )

    written = {path.name for path in output.iterdir()}
    assert left(ran, output) == {}
    assert (ran.status, "***" in ran.stdout) == (1, True)
    assert written >= {"junit.xml", "report.json", "report.md", "sarif.json", "codequality.json", "deliverygate.log"}
    assert ("summary.md" in written) is (platform == "github")


@pytest.mark.parametrize(
    "arguments",
    [
        ["config", "show"],
        ["config", "check"],
        ["run", SECRET],
        ["run", "s", "--only", SECRET],
        ["run", "s", "--set", f"s.out.timeout={SECRET}"],
        ["run", "s", "--config", f"{SECRET}.yml"],
        ["run", "s", "--jobs", SECRET],
        [SECRET],
        ["gates", "explain", SECRET],
        ["scan", "sarif.json"],
        ["scan", "--json", "eslint.json"],
        ["scan", f"{SECRET}.json"],
        ["scan", f"no{SECRET}.json"],
        ["scan", "--format", SECRET, "sarif.json"],
        ["baseline", "write"],
        ["waivers", "list"],
        ["report", "--from", f"{SECRET}.json"],
        ["plan", "s", "--shards", SECRET],
        ["plan", "s"],
        ["merge", SECRET],
        ["shard", "--number", SECRET],
        ["init", "--ci", SECRET],
        ["health", "explain", SECRET],
        ["completion", SECRET],
    ],
    ids=lambda arguments: " ".join(arguments).replace(SECRET, "SECRET"),
)
def test_no_command_shows_a_secret(checkout: Path, arguments: list[str]) -> None:
    assert left(deliverygate(*arguments, folder=checkout, environ=ENVIRON), checkout / ".deliverygate") == {}


@pytest.mark.parametrize(
    "policy",
    [
        "version: 1\nsecrets: [DEPLOY_CODE]\nstages: { s: [{ gate: command, run: ['true'], timeout: '${DEPLOY_CODE}' }] }",
        "version: 1\nstages: { s: [{ gate: command, run: ['true'], headers: { Cookie: '${DEPLOY_CODE}' }, timeout: '${DEPLOY_CODE}' }] }",
        "version: 1\nsecrets: [DEPLOY_CODE]\nstages: { s: [{ gate: hunter2hunter2 }] }",
        "version: 1\nsecrets: [DEPLOY_CODE]\nstages: { s: [{ gate: *hunter2hunter2 }] }",
        "version: 1\nsecrets: [DEPLOY_CODE]\nstages: !hunter2hunter2 {}",
        "version: 1\nsecrets: [DEPLOY_CODE]\nhunter2hunter2: {}",
        "version: 1\nsecrets: [hunter2-and-hunter2]\nstages: {}",
    ],
    ids=["declared", "by use", "gate", "alias", "tag", "key", "the secret itself"],
)
@pytest.mark.parametrize("command", [["run", "s"], ["config", "check"]], ids=" ".join)
def test_fault_of_a_policy_does_not_show_what_it_declares_as_secret(
    tmp_path: Path, policy: str, command: list[str]
) -> None:
    (tmp_path / ".deliverygate.yml").write_text(policy)

    ran = deliverygate(*command, folder=tmp_path, environ={"DEPLOY_CODE": "hunter2hunter2"})

    assert (ran.status, "hunter2" in ran.stdout + ran.stderr) == (2, False)
