"""CODEOWNERS in both dialects, by the examples and rules of the platforms' own pages."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
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


def who(text: str, path: str, dialect: Dialect) -> list[tuple[str, ...]]:
    return [found.owners for found in parse(text, dialect).of(path)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("*.sql\t@dba\t# schema", ("@dba",)),
        ("*.sql @dba #schema", ("@dba",)),
        ("*.sql\t\t@dba", ("@dba",)),
        ("*.sql @dba\r", ("@dba",)),
        ("\t*.sql @dba  ", ("@dba",)),
        ("*.sql @org/dba-team", ("@org/dba-team",)),
        ("*.sql dba@example.com @a_b", ("dba@example.com", "@a_b")),
        ("*.sql # nobody", ()),
        ("*.sql", ()),
        ("*.sql @dba, @ops", ("@all",)),
        ("*.sql @org/a/b", ("@all",)),
        ("*.sql @@maintainer", ("@all",)),
        ("*.sql dba", ("@all",)),
        ("[Schema] @dba", ("@all",)),
        ("!*.sql", ("@all",)),
        ("*.[s]ql @dba", ("@all",)),
        ("# *.sql @dba", ("@all",)),
        ("*.SQL @dba", ("@all",)),
        ("*.sql\u00a0@dba", ("@all",)),
    ],
)
def test_line_is_read_as_github_reads_it(line: str, expected: tuple[str, ...]) -> None:
    assert who(f"* @all\n{line}\n", "db/x.sql", "github") == [expected]


@pytest.mark.parametrize(
    ("pattern", "fitting", "others"),
    [
        ("*", ["a", "a/b", ".x/.y"], []),
        ("/*", ["a"], ["a/b"]),
        ("docs/*", ["docs/a"], ["docs/a/b", "x/docs/a"]),
        ("docs/*/", ["docs/a/b"], ["docs/a"]),
        ("docs/**", ["docs/a", "docs/a/b"], ["docs", "x/docs/a"]),
        ("docs/", ["docs/a", "x/docs/a/b"], ["docs", "docs.md"]),
        ("/docs/", ["docs/a/b"], ["x/docs/a"]),
        ("docs", ["docs", "docs/a/b", "x/docs"], ["docs2"]),
        ("a/docs", ["a/docs", "a/docs/b"], ["x/a/docs"]),
        ("**/docs", ["docs/a", "x/y/docs"], ["docs2"]),
        ("/a/**/b", ["a/b", "a/x/b", "a/x/y/b/c"], ["x/a/b", "a/b2"]),
        ("*.js", ["a.js", "x/.js", "lib.js/a"], ["a.jsx"]),
        ("/src/*.js", ["src/a.js"], ["src/x/a.js"]),
        ("a?c", ["abc", "x/abc/d"], ["ac", "a/c"]),
        ("\\*x", ["*x"], ["ax"]),
        ("my\\ docs/", ["my docs/a"], ["my/a", "docs/a"]),
        ("/", [], ["a"]),
        ("c#/x", ["c#/x"], ["c"]),
    ],
)
def test_pattern_fits_what_it_fits_on_github(pattern: str, fitting: list[str], others: list[str]) -> None:
    read = parse(f"{pattern} @a\n", "github")

    assert [path for path in (*fitting, *others) if read.of(path)] == fitting


def test_file_that_github_does_not_load_is_an_error() -> None:
    with pytest.raises(ReportError, match="3 MB"):
        locate({"CODEOWNERS": "#" * (3 * 1024 * 1024)}.get, "github")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@alice, @bob", ("@alice", "@bob")),
        ("@alice,", ("@alice",)),
        ("@alice.", ("@alice",)),
        ("(@alice)", ("@alice",)),
        ("@alice # was @bob", ("@alice", "@bob")),
        ("@group/sub-group/team_1", ("@group/sub-group/team_1",)),
        ("@@maintainer @@Developers", ("@@maintainer", "@@developer")),
        ("@@maintainer,", ()),
        ("@@nobody", ()),
        ("x@example.com;", ("x@example.com",)),
        ("alice", ()),
        ("@alice @alice", ("@alice",)),
    ],
)
def test_owners_are_found_wherever_gitlab_looks_for_them(text: str, expected: tuple[str, ...]) -> None:
    assert who(f"/db/ {text}\n", "db/x", "gitlab") == [expected]


@pytest.mark.parametrize(
    ("pattern", "fitting", "others"),
    [
        ("*", ["a", "a/b", ".x/.y"], []),
        ("/*", ["a", ".a"], ["a/b"]),
        ("/docs/**", ["docs/a"], ["docs/a/b", "docs"]),
        ("/docs/**/", ["docs/a", "docs/a/b"], ["x/docs/a"]),
        ("/docs/**/*", ["docs/a", "docs/a/b"], ["docs"]),
        ("/docs/*", ["docs/a"], ["docs/a/b"]),
        ("/docs/", ["docs/a", "docs/a/b"], ["docs", "x/docs/a"]),
        ("/docs", ["docs"], ["docs/a"]),
        ("docs/", ["docs/a", "x/docs/b/c"], ["docs"]),
        ("docs", ["docs", "x/docs"], ["docs/a"]),
        ("docs/*.md", ["docs/a.md", "x/docs/a.md"], ["docs/x/a.md"]),
        ("**/docs", ["docs", "x/y/docs"], ["docs/a"]),
        ("/a/**/b", ["a/b", "a/x/y/b"], ["ab", "a/xb"]),
        ("/a/**b", ["a/xb"], ["a/x/b"]),
        ("/a**/b", ["ax/b"], ["a/x/b"]),
        ("/a?c", ["abc", "a.c"], ["a/c", "ac"]),
        ("/a[bc]d", ["abd", "acd"], ["a[bc]d", "aed"]),
        ("/a[!b-d]e", ["aae"], ["abe", "ade", "a/e"]),
        ("/a[b", [], ["a[b", "ab"]),
        ("/{a,b}", ["{a,b}"], ["a", "b"]),
        ("/\\*x", ["*x"], ["ax"]),
        ("\\#x", ["#x", "y/#x"], ["x"]),
        ("my\\ docs/", ["my docs/a"], ["my", "docs/a"]),
        ("/A", ["A"], ["a"]),
    ],
)
def test_pattern_fits_what_it_fits_in_rubys_fnmatch(pattern: str, fitting: list[str], others: list[str]) -> None:
    read = parse(f"{pattern} @a\n", "gitlab")

    assert [path for path in (*fitting, *others) if read.of(path)] == fitting


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("[A] @a, @b\nx\n", "x", [("A", ("@a",), 1)]),
        ("[A][2] @a @b\nx\n", "x", [("A", ("@a", "@b"), 2)]),
        ("[A][0] @a\nx\n", "x", [("A", ("@a",), 1)]),
        ("[A][b] @a\nx\n", "x", [("A", (), 1)]),
        ("[A]junk\nx @x\n", "x", [("A", ("@x",), 1)]),
        ("[abc].md @x\nabc.md\n", "abc.md", [("abc", (), 1)]),
        ("[A @a\nx @x\n", "x", [("", ("@x",), 1)]),
        ("[A] @a\nx junk\n", "x", [("A", (), 1)]),
        ("^[A] @a\nx\n", "x", [("A", ("@a",), 0)]),
        ("[A]\nx @a\n[B]\ny @b\n[a]\nx @c\n", "x", [("A", ("@c",), 1)]),
        ("* @a\n[codeowners]\nx @b\n", "x", [("", ("@b",), 1)]),
        ("* @a\n*.rb @b\n* @c\n", "x.rb", [("", ("@b",), 1)]),
        ("!x\nx @a\n", "x", [("", ("@a",), 1)]),
        ("* @a\n!x\n/x @b\n", "x", []),
        ("* @a\n!x @b\n[B]\nx @c\n", "x", [("B", ("@c",), 1)]),
        ("\ufeff* @a\r\n# x @b\r\n", "x", [("", ("@a",), 1)]),
        ("* @a\u2028x @b\n", "x", [("", ("@a", "@b"), 1)]),
    ],
    ids=[
        "default owners end at a comma", "number of approvals", "none is one", "no number", "text behind a heading",
        "a set in front is a heading", "not closed", "malformed owner is no default", "optional", "joined by name",
        "name of the unnamed", "repeated pattern keeps its rank", "repeated pattern is no exclusion any more",
        "excluded for good", "excluded in its section", "byte order mark", "only a line feed ends a line",
    ],
)  # fmt: skip
def test_sections_and_entries_are_those_that_gitlab_reads(
    text: str, path: str, expected: list[tuple[str, tuple[str, ...], int]]
) -> None:
    assert owners(text, path, "gitlab") == expected


def test_entry_without_an_owner_is_named_on_gitlab() -> None:
    read = parse("* @a\nx nobody\n!y\n", "gitlab")

    assert read.faults == (Fault(2, "'x nobody' names no owner, so GitLab asks for nobody's approval"),)
