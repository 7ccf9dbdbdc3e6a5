"""Paths of reports, each found as the one tracked file that it means, or told with all that it may mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from deliverygate.errors import ReportError
from deliverygate.evidence import Coverage, FileCoverage, Unsure
from deliverygate.judging.placing import Sight, Tree, place_scan
from deliverygate.judging.placing.candidates import Hints
from deliverygate.judging.placing.deciding import Named, Placed, decide
from deliverygate.model import Location, Scan
from deliverygate.testing import finding
from deliverygate.workspace import Workspace

MIXED = (
    "README.md",
    "main.go",
    "src/a.py",
    "lib/a.py",
    "cmd/main.go",
    "core/src/main/java/p/A.java",
    "tests/__init__.py",
)
SERVICES = ("services/a/src/app.py", "services/b/src/app.py", "services/b/src/only.py")


def sight(
    now: Iterable[str],
    before: Iterable[str] | None = None,
    *,
    links: Mapping[str, str] | None = None,
    links_before: Mapping[str, str] | None = None,
    untracked: Iterable[str] = (),
    folder: str = "",
) -> Sight:
    """A checkout on paper. Links are given with the folder that they lead to."""
    there, leads = {*now, *untracked}, dict(links or {})

    def real(path: str) -> str | None:
        for link, target in leads.items():
            if path == link or path.startswith(f"{link}/"):
                path = f"{target}{path.removeprefix(link)}".removeprefix("./")
        return path if path in there else None

    old = None if before is None else Tree(frozenset(before), dict(links_before or {}))
    return Sight(Tree(frozenset(now), leads), real, look_back=lambda: old, name="shop", folder=folder)


def meant(paths: str | Iterable[str], seen: Sight, **hints: object) -> dict[str, str | tuple[str, ...]]:
    """The file of each path, or all that it may be."""
    listed = [paths] if isinstance(paths, str) else paths
    placed = decide(map(Named, listed), seen, Hints(**hints))  # type: ignore[arg-type]
    found: dict[str, str | tuple[str, ...]] = {each.path: file for each, file in placed.files.items()}
    return found | {each.path: tuple(sorted(candidates)) for each, candidates in placed.unsure.items()}


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("src/a.py", "src/a.py"),
        ("SRC/A.py", "src/a.py"),
        ("p/A.java", "core/src/main/java/p/A.java"),
        ("/builds/7/shop/src/a.py", "src/a.py"),
        ("C:/agent/1/s/src/a.py", "src/a.py"),
        ("/x/shop/README.md", "README.md"),
        ("/usr/src/shop/src/a.py", "src/a.py"),
        ("../lib/a.py", "lib/a.py"),
    ],
    ids=["as it stands", "other case", "below a folder", "another checkout", "Windows", "a bare name in a folder like ours",
         "a container", "from a folder beside it"],
)  # fmt: skip
def test_a_path_is_found_where_only_one_file_can_be_meant(path: str, file: str) -> None:
    assert meant(path, sight(MIXED)) == {path: file}


@pytest.mark.parametrize(
    "path",
    [
        "src/b.py",
        "/builds/xsrc/a.pyc",
        "/x/README.md",
        "/x/workshop/README.md",
        "/usr/lib/python3/dist-packages/tests/__init__.py",
        "/x/node_modules/y/src/a.py",
        "https://example.test/src/a.py",
        "xmain.go",
        "",
    ],
    ids=["no such file", "only an ending", "a bare name", "a folder that ends like ours", "system package", "npm package",
         "an address", "part of a name", "nothing"],
)  # fmt: skip
def test_a_path_that_fits_nothing_keeps_its_words(path: str) -> None:
    assert meant(path, sight(MIXED)) == {}


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("github.com/shop/shop/cmd/main.go", "cmd/main.go"),
        ("github.com/shop/shop/main.go", "main.go"),
        ("/app/src/app.py", "services/a/src/app.py"),
        ("/usr/lib/python3/site-packages/src/a.py", "src/a.py"),
    ],
    ids=["Go module", "top of a Go module", "a folder copied into a container", "installed copy"],
)
def test_covered_files_are_found_behind_any_prefix(path: str, file: str) -> None:
    assert meant(path, sight((*MIXED, "services/a/src/app.py")), is_coverage=True) == {path: file}


def test_a_file_with_the_name_of_one_at_the_top_is_not_taken_for_it() -> None:
    paths = ["m.test/shop/main.go", "m.test/shop/gen/main.go", "m.test/shop/cmd/main.go"]

    assert meant(paths, sight(MIXED), is_coverage=True) == {
        "m.test/shop/main.go": "main.go", "m.test/shop/cmd/main.go": "cmd/main.go",
    }  # fmt: skip


def test_accents_are_one_name_in_all_their_forms() -> None:
    assert meant("src/cafe\u0301.py", sight(["src/caf\u00e9.py"])) == {"src/cafe\u0301.py": "src/caf\u00e9.py"}


@pytest.mark.parametrize(
    ("report", "file"),
    [
        ("services/a/reports/bandit.json", "services/a/src/app.py"),
        ("services/b/bandit.json", "services/b/src/app.py"),
        ("reports/bandit.json", ("services/a/src/app.py", "services/b/src/app.py")),
    ],
    ids=["below a service", "in a service", "elsewhere"],
)
def test_where_a_report_lies_says_in_which_of_several_folders_its_tool_ran(report: str, file: object) -> None:
    assert meant("src/app.py", sight(SERVICES, SERVICES), report=report) == {"src/app.py": file}


def test_another_path_of_the_report_that_fits_only_one_folder_decides() -> None:
    assert meant(["src/app.py", "src/only.py"], sight(SERVICES, SERVICES), report="reports/x.json") == {
        "src/app.py": "services/b/src/app.py", "src/only.py": "services/b/src/only.py",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "root", "file"),
    [
        ("src/app.py", "services/a", "services/a/src/app.py"),
        ("services/b/src/app.py", "services/b", "services/b/src/app.py"),
        ("/app/src/app.py", "services/a", "services/a/src/app.py"),
        ("src/new.py", "services/a", "services/a/src/new.py"),
        ("../b/src/only.py", "services/a", "services/b/src/only.py"),
        ("README.md", ".", None),
    ],
    ids=["below it", "from the top", "a container", "in no commit", "beside it", "at the top"],
)
def test_a_root_of_the_policy_decides_alone(path: str, root: str, file: str | None) -> None:
    told = meant(path, sight(("README.md", *SERVICES)), root="" if root == "." else root, report="reports/x.json")

    assert told == {path: file or path}


def test_source_roots_go_before_the_path_as_it_stands() -> None:
    assert meant("a.py", sight(("a.py", "src/a.py")), source_roots=("src",)) == {"a.py": "src/a.py"}


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["stock.py"], {"stock.py": "store/stock.py"}),
        (["utils.py", "stock.py"], {"utils.py": ("billing/utils.py", "store/utils.py"), "stock.py": "store/stock.py"}),
    ],
    ids=["one has it", "both have it"],
)
def test_a_file_lies_below_the_source_that_has_it(paths: list[str], expected: dict[str, object]) -> None:
    files = ("billing/utils.py", "store/utils.py", "store/stock.py", "old/stock.py")

    assert meant(paths, sight(files, files), sources=("billing", "store"), is_coverage=True) == expected


def test_a_group_of_a_report_is_the_folder_of_its_name_and_two_are_never_one_file() -> None:
    files = ("app-web/src/p/A.java", "app-api/src/p/A.java")
    paths = [Named("p/A.java", "app-web"), Named("p/A.java", "app-api")]
    roots = Hints(source_roots=("app-api/src",), is_coverage=True)

    assert decide(paths, sight(files), roots).files == {paths[0]: files[0], paths[1]: files[1]}
    assert decide([Named("p/A.java", "web"), Named("p/A.java", "api")], sight(files[:1]), roots).files == {}


@pytest.mark.parametrize("path", ["current/app.sh", "/ci/shop/current/app.sh"], ids=["relative", "another checkout"])
def test_a_path_through_a_link_is_the_file_that_it_leads_to(path: str) -> None:
    seen = sight(["releases/v2/app.sh"], links={"current": "releases/v2"})

    assert meant(path, seen) == {path: "releases/v2/app.sh"}


def test_a_workspace_below_the_top_of_its_repository_knows_paths_from_there() -> None:
    seen = sight(["src/a.py", "x/src/a.py"], folder="services/shop/")

    assert meant("services/shop/src/a.py", seen) == {"services/shop/src/a.py": "src/a.py"}


def test_a_file_that_is_in_no_commit_is_no_other_file() -> None:
    assert meant("gen/a.py", sight(["x/gen/a.py"], untracked=["gen/a.py"])) == {"gen/a.py": "gen/a.py"}


HONEST = ("src/app/main.py", "old/app/main.py")


@pytest.mark.parametrize(
    ("path", "more", "links", "report"),
    [
        ("app/main.py", ["app/main.py"], {}, ""),
        ("app/main.py", ["reports/app/main.py"], {}, "reports/x.json"),
        ("app/main.py", ["other/app/main.py"], {}, ""),
        ("app/main.py", [], {"app": "old"}, ""),
        ("/app/src/app/main.py", ["app/src/app/main.py"], {}, ""),
        ("/ci/src/app/main.py", ["ci/src/app/main.py"], {}, ""),
        ("SRC/app/main.py", ["SRC/app/main.py"], {}, ""),
        ("src/app/main.py", ["src\\app\\main.py"], {}, ""),
    ],
    ids=["the path itself", "beside the report", "below another folder", "a link", "in a container's folder",
         "in another machine's folder", "in other case", "with backslashes in its name"],
)  # fmt: skip
def test_a_file_or_a_link_that_the_change_adds_gives_no_path_another_meaning(
    path: str, more: list[str], links: dict[str, str], report: str
) -> None:
    before = ("src/app/main.py",)
    honest = meant(path, sight(before, before), report=report)
    decoyed = meant(path, sight((*before, *more, "old/main.py"), (*before, "old/main.py"), links=links), report=report)

    assert honest == {path: "src/app/main.py"}
    assert decoyed[path] == "src/app/main.py" or "src/app/main.py" in decoyed[path]


def test_a_folder_that_was_moved_away_makes_its_paths_ambiguous() -> None:
    seen = sight(["x/app/main.py"], ["src/app/main.py"])

    assert meant("app/main.py", seen) == {"app/main.py": ("src/app/main.py", "x/app/main.py")}


def test_a_new_file_is_found_where_the_rest_of_the_report_shows_the_folder() -> None:
    seen = sight(["src/a.py", "src/new.py", "x/src/new.py"], ["src/a.py", "x/src/new.py"])

    assert meant(["src/a.py", "src/new.py"], seen) == {"src/a.py": "src/a.py", "src/new.py": "src/new.py"}


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["/x/src/a.py", "/x/README.md"], {"/x/src/a.py": "src/a.py", "/x/README.md": "README.md"}),
        (["/x/cmd/main.go", "/x/main.go"], {"/x/cmd/main.go": "cmd/main.go", "/x/main.go": "main.go"}),
        (
            ["../../path/src/a.py", "../../path/README.md"],
            {"../../path/src/a.py": "src/a.py", "../../path/README.md": "README.md"},
        ),
        (["/x/src/a.py", "/y/README.md"], {"/x/src/a.py": "src/a.py"}),
        (["/x/src/a.py", "/x/gen/src/a.py"], {"/x/src/a.py": "src/a.py"}),
    ],
    ids=[
        "one folder",
        "a file of the same name on top",
        "from a folder of the container",
        "another folder",
        "a folder inside",
    ],
)
def test_a_bare_name_is_found_in_a_checkout_that_another_path_shows(paths: list[str], expected: dict[str, str]) -> None:
    assert meant(paths, sight(MIXED, MIXED)) == expected


def test_the_target_branch_is_not_asked_where_every_path_is_a_file_as_it_stands() -> None:
    def refuse() -> Tree | None:
        raise AssertionError("asked")

    files = frozenset(MIXED)
    seen = Sight(Tree(files), lambda path: path if path in files else None, look_back=refuse)

    assert meant(["README.md", "cmd/main.go"], seen) == {"README.md": "README.md", "cmd/main.go": "cmd/main.go"}


def scan(*places: str, **more: object) -> Scan:
    found = tuple(finding(location=Location(place, 3)) for place in places)
    return Scan(tool="t", version=None, format="f", findings=found, **more)  # type: ignore[arg-type]


def test_findings_and_analysed_files_become_those_of_this_checkout_in_single_runs_too() -> None:
    one = scan("/ci/src/a.py", analysed=("/ci/src/a.py", "/etc/x"))
    part = replace(one.findings[0], others=(Location("/ci/lib/a.py"),), related=(Location("/ci/README.md", 1),))
    one = replace(one, findings=(part,))

    placed = place_scan(replace(one, runs=(one,)), sight(MIXED))

    home = replace(
        part, location=Location("src/a.py", 3), others=(Location("lib/a.py"),), related=(Location("README.md", 1),)
    )
    run = replace(one, findings=(home,), analysed=("src/a.py", "/etc/x"))
    note = "Paths below /ci are those of this checkout."
    assert placed == replace(run, runs=(run,), notes=(note,))


def test_a_scan_of_this_checkout_stays_the_same_object() -> None:
    here = scan("src/a.py")

    assert place_scan(here, sight(MIXED)) is here


def test_paths_in_an_image_are_not_looked_for_in_the_checkout() -> None:
    there = scan("app.py", in_image=True)

    assert place_scan(there, sight(SERVICES)) is there


def test_a_finding_in_what_may_be_several_files_is_an_error_that_names_them_and_the_setting() -> None:
    with pytest.raises(ReportError) as caught:
        place_scan(scan("src/app.py"), sight(SERVICES), report="reports/x.json")

    assert str(caught.value) == (
        "src/app.py in it may be services/a/src/app.py or services/b/src/app.py; "
        "say with `root:` in which folder the tool ran"
    )


def test_covered_lines_of_one_file_in_two_spellings_are_joined_and_what_is_unsure_is_told() -> None:
    def lines(path: str, *covered: int, missed: int) -> FileCoverage:
        return FileCoverage(path=path, covered=frozenset(covered), missed=frozenset({missed}))

    coverage = Coverage(
        files=(lines("src/a.py", 1, missed=2), lines("/ci/src/a.py", 2, missed=3), lines("a.py", 9, missed=8))
    )

    placed = place_scan(Scan(tool="t", version=None, format="f", findings=(), coverage=coverage), sight(MIXED))

    assert placed.coverage == Coverage(
        files=(lines("src/a.py", 1, 2, missed=3), lines("a.py", 9, missed=8)),
        unsure=(Unsure("a.py", ("lib/a.py", "src/a.py")),),
    )


def test_real_links_are_followed_and_nothing_outside_is_looked_at(tmp_path: Path) -> None:
    inside, outside = tmp_path / "shop", tmp_path / "other.py"
    (inside / "src").mkdir(parents=True)
    (inside / "src" / "a.py").write_text("x")
    outside.write_text("x")
    (inside / "link").symlink_to("src")
    (inside / "out").symlink_to(outside)
    workspace = Workspace(inside)

    told = {
        path: workspace.real(path) for path in ("link/a.py", "out", "../other.py", str(outside), "none", "src", "a\0b")
    }

    assert told == {
        "link/a.py": "src/a.py",
        **dict.fromkeys(("out", "../other.py", str(outside), "none", "src", "a\0b")),
    }
    assert workspace.real(str(inside / "link" / "a.py")) == "src/a.py"
    assert workspace.walk() == (frozenset({"src/a.py"}), {"link": "src", "out": str(outside)})


def test_nothing_is_nothing() -> None:
    assert decide([], sight(MIXED), Hints()) == Placed()


@pytest.mark.parametrize("path", ["cur/a.py", "/app/cur/a.py", "up/a.py"])
def test_path_through_a_link_that_the_change_leads_elsewhere_is_no_file_that_was_there_before(path: str) -> None:
    files = ("v1/a.py", "v2/a.py")
    seen = sight(files, files, links={"cur": "v2", "up": "v2"}, links_before={"cur": "v1", "up": "v2"})

    assert (meant(path, seen), meant(path, seen, is_coverage=True)) == ({}, {path: "v2/a.py"})


def test_link_that_the_change_leads_to_a_namesake_does_not_hide_the_file_of_a_container() -> None:
    files = ("src/a.py", "decoy/src/a.py", "docs/readme")
    seen = sight(files, files, links={"app": "decoy"}, links_before={"app": "docs"})

    assert meant("/app/src/a.py", seen) == {}


def test_path_of_a_container_that_several_folders_have_is_ambiguous_for_findings_too() -> None:
    seen = sight(SERVICES, SERVICES)

    assert meant(["/app/src/app.py"], seen) == {"/app/src/app.py": SERVICES[:2]}


def test_path_of_a_container_is_decided_by_the_folder_that_the_policy_names() -> None:
    assert meant("/app/src/app.py", sight(SERVICES, SERVICES), root="services/b") == {
        "/app/src/app.py": "services/b/src/app.py"
    }


@pytest.mark.parametrize(
    "folder", ["/root/.cargo/registry/src/x", "/go/pkg/mod/x", "/home/ci/.cache/x", "/opt/hostedtoolcache/Python/3.13"]
)
def test_path_of_what_is_installed_beside_the_checkout_is_no_file_of_it(folder: str) -> None:
    assert meant(f"{folder}/src/app.py", sight(SERVICES, SERVICES)) == {}


MODULES = ("core/src/main/java/p/A.java", "web/src/main/java/p/A.java")


@pytest.mark.parametrize(
    ("report", "file"),
    [
        ("core/target/site/jacoco/jacoco.xml", MODULES[0]),
        ("web/build/reports/jacoco/test/jacocoTestReport.xml", MODULES[1]),
        ("reports/jacoco.xml", MODULES),
    ],
)
def test_package_of_two_modules_is_that_of_the_module_that_the_report_lies_in(
    report: str, file: str | tuple[str, ...]
) -> None:
    hints = {"report": report, "is_coverage": True, "by_package": True}

    assert meant("p/A.java", sight(MODULES, MODULES), **hints) == {"p/A.java": file}


def test_module_that_the_change_adds_around_a_report_is_not_what_was_meant_before() -> None:
    hints = {"report": "core/target/jacoco.xml", "is_coverage": True, "by_package": True}

    assert meant("p/A.java", sight(MODULES, MODULES[1:]), **hints) == {"p/A.java": MODULES}
