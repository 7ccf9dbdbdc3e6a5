"""CODEOWNERS in both dialects, by the examples and rules of the platforms' own pages."""

from __future__ import annotations

import pytest

from deliverygate.judging.codeowners import Dialect, Fault, Ownership, locate, parse

# The cases of docs.github.com, "About code owners": example of a CODEOWNERS file.
GITHUB = """\
# comment
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/*  docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
"""


def owners(text: str, path: str, dialect: Dialect) -> list[tuple[str, tuple[str, ...], int]]:
    return [(found.section, found.owners, found.approvals) for found in parse(text, dialect).of(path)]


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("README.md", ("@global-owner1", "@global-owner2")),
        ("src/app.js", ("@js-owner",)),
        ("main.go", ("docs@example.com",)),
        ("notes.txt", ("@octo-org/octocats",)),
        ("build/logs/today/x.log", ("@octocat",)),
        ("build/logs.md", ("@global-owner1", "@global-owner2")),
        ("other/docs/a.md", ("@global-owner1", "@global-owner2")),
        ("docs/a/b.md", ("@doctocat",)),
        ("scripts/run", ("@doctocat", "@octocat")),
        ("deeply/nested/logs/x", ("@octocat",)),
        ("other/apps/x", ("@octocat",)),
        ("apps/main/index.js", ("@octocat",)),
        ("apps/github/index.js", ()),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_last_pattern_that_fits_decides_on_github(path: str, wanted: tuple[str, ...]) -> None:
    assert owners(GITHUB, path, "github") == [("", wanted, 1)]


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("docs/*", "docs/a.md", True),
        ("docs/*", "docs/build/a.md", False),
        ("/*", "README.md", True),
        ("/*", "src/a.py", False),
        ("src/**", "src/a/b.py", True),
        ("*.py", "a/b/c.py", True),
        ("lib", "x/lib/y/z", True),
        ("/lib", "x/lib/y", False),
        (".deliverygate.yml", ".deliverygate.yml", True),
        ("a\\ b/", "a b/c", True),
    ],
)
def test_pattern_fits_as_on_github(pattern: str, path: str, fits: bool) -> None:
    assert bool(parse(f"{pattern} @a", "github").of(path)) is fits


def test_lines_that_github_passes_over_are_named() -> None:
    text = "* @a\n!x.md @b\n[x].md @b\n\\#x @b\ny.md nobody\n"

    read = parse(text, "github")

    assert [fault.line for fault in read.faults] == [2, 3, 4, 5]
    assert read.faults[3] == Fault(5, "'nobody' is neither @user, @organisation/team nor an e-mail address")
    assert owners(text, "y.md", "github") == [("", ("@a",), 1)]


GITLAB = """\
* @general
!pom.xml

[Documentation][2] @docs-team
docs/
README.md
*.txt @writer a@example.com

^[Database] @database-team
model/db/
config/db/setup.md @docs-team

[documentation]
/guides/**/*.md @guides

[Ruby]
*.rb @ruby @@maintainer
!/config/*
/config/keep.rb @ruby
/unowned/
\\#odd.rb @odd
path\\ with\\ spaces/ @space
"""


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("main.c", [("", ("@general",), 1)]),
        ("pom.xml", []),
        ("a/docs/x", [("", ("@general",), 1), ("Documentation", ("@docs-team",), 2)]),
        ("docs", [("", ("@general",), 1)]),
        ("x/README.md", [("", ("@general",), 1), ("Documentation", ("@docs-team",), 2)]),
        ("docs/a.txt", [("", ("@general",), 1), ("Documentation", ("@writer", "a@example.com"), 2)]),
        ("guides/a/b.md", [("", ("@general",), 1), ("Documentation", ("@guides",), 2)]),
        ("model/db/x.sql", [("", ("@general",), 1), ("Database", ("@database-team",), 0)]),
        ("config/db/setup.md", [("", ("@general",), 1), ("Database", ("@docs-team",), 0)]),
        ("a/b.rb", [("", ("@general",), 1), ("Ruby", ("@ruby", "@@maintainer"), 1)]),
        ("config/keep.rb", [("", ("@general",), 1)]),
        ("unowned/x", [("", ("@general",), 1), ("Ruby", (), 1)]),
        ("#odd.rb", [("", ("@general",), 1), ("Ruby", ("@odd",), 1)]),
        ("path with spaces/x", [("", ("@general",), 1), ("Ruby", ("@space",), 1)]),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_sections_are_judged_side_by_side_on_gitlab(path: str, wanted: list[tuple[str, tuple[str, ...], int]]) -> None:
    assert owners(GITLAB, path, "gitlab") == wanted


def test_section_is_optional_only_when_each_of_its_headings_is() -> None:
    text = "^[A] @a\nx\n[a][3] @b\ny\n"

    assert owners(text, "x", "gitlab") == [("A", ("@a",), 3)]


def test_pattern_that_can_never_fit_is_named_instead_of_raised() -> None:
    read = parse("[z-a]x @a\n/../x @b\n", "gitlab")

    assert [fault.line for fault in read.faults] == [1, 2]


def test_owner_tells_where_it_is_written() -> None:
    assert parse("\n*.py @a\n", "github").of("x.py") == (Ownership(("@a",), "", 1, "*.py", 2),)


@pytest.mark.parametrize(
    ("dialect", "there", "wanted"),
    [
        ("github", {"CODEOWNERS": "root", ".github/CODEOWNERS": "hidden"}, (".github/CODEOWNERS", "hidden")),
        ("gitlab", {"CODEOWNERS": "root", ".gitlab/CODEOWNERS": "hidden"}, ("CODEOWNERS", "root")),
        ("gitlab", {".gitlab/CODEOWNERS": "hidden"}, (".gitlab/CODEOWNERS", "hidden")),
        ("github", {".gitlab/CODEOWNERS": "hidden"}, None),
    ],
    ids=["github-hidden-first", "gitlab-root-first", "gitlab-hidden-last", "none"],
)
def test_first_place_that_has_the_file_counts(
    dialect: Dialect, there: dict[str, str], wanted: tuple[str, str] | None
) -> None:
    assert locate(there.get, dialect) == wanted
