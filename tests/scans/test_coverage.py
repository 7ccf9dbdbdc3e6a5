"""Covered lines in the formats of coverage tools, counted from the lines and not from totals."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.evidence import FileCoverage, Tally
from deliverygate.scans import read
from tests.scans.samples import SAMPLES, read_json, read_sample

COUNTS = [
    # file, format, covered lines, all lines, files, branches
    ("clover.xml", "clover", 143, 165, 6, Tally(6, 10)),
    ("cobertura-python.xml", "cobertura", 19, 19, 1, Tally(4, 4)),
    ("cobertura-ts.xml", "cobertura", 63, 156, 12, Tally(21, 32)),
    ("coverage-py-7.17.json", "coverage-py", 12, 16, 3, Tally(4, 6)),
    ("coverage-py-7.17.lcov", "lcov", 12, 16, 3, Tally(4, 6)),
    ("coverage-py-7.17.xml", "cobertura", 12, 16, 3, Tally(4, 6)),
    ("go-1.26.out", "go-cover", 3, 5, 1, None),
    ("go-coverage-atomic.out", "go-cover", 23, 33, 4, None),
    ("jacoco-codingstyle.xml", "jacoco", 294, 323, 10, Tally(109, 116)),
    ("report.lcov", "lcov", 3, 6, 3, Tally(1, 2)),
]
NO_EVIDENCE = [("empty.xml", "holds no line of code: nothing shows what the tests cover")]


def read_text(text: str, *, format: str | None = None, root: str = "/"):  # noqa: A002
    return read(text.encode(), path="coverage", format=format, root=root)


def files_of(scan) -> dict[str, FileCoverage]:
    return {file.path: file for file in scan.coverage.files}


@pytest.mark.parametrize(
    ("name", "format", "covered", "valid", "files", "branches"), COUNTS, ids=[row[0] for row in COUNTS]
)
def test_real_reports_hold_what_was_counted_in_them(name, format, covered, valid, files, branches):  # noqa: A002
    scan = read_sample(f"coverage/{name}")

    assert scan.coverage is not None
    assert (scan.kind, scan.format, scan.coverage.lines, scan.analysed_count, scan.coverage.branches) == (
        "coverage",
        format,
        Tally(covered, valid),
        files,
        branches,
    )


@pytest.mark.parametrize(("name", "reason"), NO_EVIDENCE, ids=[row[0] for row in NO_EVIDENCE])
def test_real_reports_that_prove_nothing_are_errors(name, reason):
    with pytest.raises(ReportError) as caught:
        read_sample(f"coverage/{name}")

    assert (caught.value.where, caught.value.what) == (f"coverage/{name}", reason)


def test_every_sample_stands_in_one_of_the_tables():
    kept = {path.name for path in (SAMPLES / "coverage").iterdir()}

    assert kept == {row[0] for row in COUNTS} | {row[0] for row in NO_EVIDENCE}


def test_one_run_gives_the_same_lines_in_all_its_formats():
    xml, json, lcov = (read_sample(f"coverage/coverage-py-7.17.{kind}") for kind in ("xml", "json", "lcov"))

    lines = [
        {path: (file.covered, file.missed, file.branches) for path, file in files_of(scan).items()}
        for scan in (xml, json, lcov)
    ]

    assert lines[0] == lines[1] == lines[2]


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("clover.xml", "Its totals count 193 lines; its files list 165: 28 lines are lost."),
        ("cobertura-python.xml", "Its totals count 2661 lines; its files list 19: 2642 lines are lost."),
    ],
)
def test_totals_that_count_more_lines_than_are_listed_leave_the_run_incomplete(name, note):
    scan = read_sample(f"coverage/{name}")

    assert (scan.complete, scan.notes) == (False, (note,))


LOST = {
    "lcov, a record": "SF:a\nDA:1,1\nLF:3\nLH:1\nend_of_record\n",
    "lcov, one of two records": "SF:a\nDA:1,1\nLF:1\nend_of_record\nSF:b\nDA:1,1\nDA:2,0\nLF:5\nend_of_record\n",
    "lcov, the second record of a file": "SF:a\nDA:1,1\nDA:2,1\nend_of_record\nSF:a\nDA:1,1\nLF:2\nend_of_record\n",
    "cobertura": '<coverage line-rate="1" lines-valid="2" lines-covered="1"><class filename="a"><lines>'
    '<line number="1" hits="1"/></lines></class></coverage>',
    "jacoco": '<report name="r"><package name="p"><sourcefile name="A.java"><line nr="1" mi="0" ci="1"/></sourcefile></package>'
    '<counter type="LINE" missed="1" covered="1"/></report>',
    "clover": '<coverage clover="4"><project><metrics statements="2" coveredstatements="1"/><file name="/a">'
    '<line num="1" type="stmt" count="1"/></file></project></coverage>',
    "clover, a file": '<coverage clover="4"><project><metrics statements="1" coveredstatements="1"/><file name="/a">'
    '<metrics statements="2"/><line num="1" type="stmt" count="1"/></file></project></coverage>',
    "coverage-py, a file": '{"meta": {}, "files": {"a": {"executed_lines": [1], "missing_lines": [],'
    '"summary": {"num_statements": 2}}}, "totals": {"covered_lines": 1, "num_statements": 1}}',
    "coverage-py": '{"meta": {}, "files": {"a": {"executed_lines": [1], "missing_lines": []}},'
    '"totals": {"covered_lines": 1, "num_statements": 2}}',
}


@pytest.mark.parametrize("text", LOST.values(), ids=LOST)
def test_a_promise_of_more_lines_is_lost_evidence_in_every_format(text):
    assert read_text(text).complete is False


WHOLE = {
    "as many": "SF:a\nDA:1,1\nLF:1\nend_of_record\n",
    "fewer": "SF:a\nDA:1,1\nDA:2,1\nLF:1\nend_of_record\n",
    "a line in two classes": '<coverage line-rate="1" lines-valid="2" lines-covered="2"><class filename="a"><lines>'
    '<line number="1" hits="1"/></lines></class><class filename="a"><lines><line number="1" hits="1"/></lines></class></coverage>',
    "counted and not listed": "SF:a\nLF:4\nLH:3\nend_of_record\n",
}


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_totals_that_promise_no_more_than_is_listed_leave_the_run_whole(text):
    assert read_text(text).complete is True


def test_statements_of_go_are_told_beside_its_lines():
    assert read_sample("coverage/go-coverage-atomic.out").notes == ("Go counts statements: 14 of 21, 66.6 %.",)


@pytest.mark.parametrize(
    ("name", "root", "path"),
    [
        ("clover.xml", "/home/jenkins/agent/workspace/dir", "src/js/actions/File1.js"),
        ("clover.xml", "/builds/shop", "/home/jenkins/agent/workspace/dir/src/js/actions/File1.js"),
        ("cobertura-python.xml", "/home/user/dev/python", "package/__init__.py"),
        ("cobertura-python.xml", "/builds/shop", "__init__.py"),
        ("coverage-py-7.17.xml", "/builds/shop", "src/basket.py"),
        ("jacoco-codingstyle.xml", "/builds/shop", "edu/hm/hafner/util/Ensure.java"),
        ("go-1.26.out", "/builds/shop", "shop.test/calc/calc.go"),
    ],
)
def test_paths_are_those_of_the_checkout_where_the_report_tells(name, root, path):
    assert path in files_of(read_sample(f"coverage/{name}", root=root))


COBERTURA = """<coverage line-rate="0.5"><sources>{sources}</sources><packages><package><classes>
<class filename="a.py"><methods><method><lines><line number="9" hits="0"/></lines></method></methods>
<lines><line number="1" hits="3"/><line number="2" hits="0" branch="true" condition-coverage="50% (1/2)"/></lines></class>
<class filename="a.py"><lines><line number="2" hits="1"/><line number="3" hits="0"/></lines></class>
<class filename="b.py"><methods><method><lines><line number="7" hits="1"/></lines></method></methods><lines/></class>
</classes></package></packages></coverage>"""


def test_classes_of_one_file_are_one_file_and_lines_of_methods_count_only_alone():
    assert files_of(read_text(COBERTURA.format(sources=""))) == {
        "a.py": FileCoverage(path="a.py", covered=frozenset({1, 2}), missed=frozenset({3}), branches=Tally(1, 2)),
        "b.py": FileCoverage(path="b.py", covered=frozenset({7})),
    }


@pytest.mark.parametrize(
    ("sources", "path"),
    [
        ("<source>/builds/shop/src</source>", "src/a.py"),
        ("<source>\n  src\n</source>", "src/a.py"),
        ("<source>/elsewhere</source>", "a.py"),
        ("<source>/builds/shop</source>", "a.py"),
        ("<source></source>", "a.py"),
        ("<source>../..</source>", "../../a.py"),
    ],
    ids=["absolute", "relative", "elsewhere", "the checkout", "empty", "outside"],
)
def test_sources_say_where_the_files_lie(sources, path):
    assert next(iter(files_of(read_text(COBERTURA.format(sources=sources), root="/builds/shop")))) == path


def test_several_sources_are_told_since_a_file_lies_below_one_of_them():
    sources = "<source>/builds/shop/src</source><source>/builds/shop</source><source>/elsewhere/lib</source>"
    coverage = read_text(COBERTURA.format(sources=sources), root="/builds/shop").coverage

    assert (coverage.sources, [file.path for file in coverage.files]) == (
        ("src", ".", "/elsewhere/lib"), ["a.py", "b.py"],
    )  # fmt: skip


def test_groups_and_packages_with_the_same_name_inside_hold_two_files():
    file = '<sourcefile name="A.java"><line nr="1" mi="0" ci="1"/></sourcefile>'
    jacoco = "".join(f'<group name="{name}"><package name="p">{file}</package></group>' for name in ("web", "api"))
    line = '<line num="1" type="stmt" count="1"/>'
    clover = "".join(f'<package name="{name}"><file name="a.js">{line}</file></package>' for name in ("web", "api"))

    told = [
        [(each.group, each.path) for each in read_text(text).coverage.files]
        for text in (
            f'<report name="r">{jacoco}<counter type="LINE" missed="0" covered="2"/></report>',
            f'<coverage clover="4"><project>{clover}</project></coverage>',
        )
    ]

    assert told == [[("web", "p/A.java"), ("api", "p/A.java")], [("web", "a.js"), ("api", "a.js")]]


def test_jacoco_counts_a_line_when_one_of_its_instructions_ran():
    scan = read_text(
        '<report name="r"><group name="g"><package name="p/q"><sourcefile name="A.java">'
        '<line nr="1" mi="2" ci="1" mb="1" cb="1"/><line nr="2" mi="1" ci="0"/></sourcefile></package></group>'
        '<counter type="LINE" missed="1" covered="1"/></report>'
    )

    assert (files_of(scan), scan.notes) == (
        {"p/q/A.java": FileCoverage(path="p/q/A.java", covered=frozenset({1}), missed=frozenset({2}), branches=Tally(1, 2), group="g")},
        (),
    )  # fmt: skip


def test_clover_counts_statements_and_conditions_of_the_code_and_not_of_its_tests():
    scan = read_text(
        '<coverage generated="1"><project timestamp="1"><file name="/builds/shop/src/A.php">'
        '<line num="1" type="method" name="f" count="0"/><line num="2" type="stmt" count="1"/>'
        '<line num="3" type="cond" truecount="2" falsecount="0"/><line num="4" type="stmt" count="0"/></file></project>'
        '<testproject><file name="T.php"><line num="1" type="stmt" count="1"/></file></testproject></coverage>',
        root="/builds/shop",
    )

    assert files_of(scan) == {
        "src/A.php": FileCoverage(
            path="src/A.php", covered=frozenset({2, 3}), missed=frozenset({4}), branches=Tally(1, 2)
        )
    }


def test_records_of_one_file_are_one_file_in_lcov():
    scan = read_text(
        "TN:one\nSF:/builds/shop/a.c\nDA:1,0\nDA:2,-3\nBRDA:1,0,0,-\nBRDA:1,0,1,0\nLF:2\nLH:0\nend_of_record\n"
        "TN:two\nSF:a.c\nDA:1,1,checksum\nBRDA:1,0,1,5\nLF:1\nLH:1\nend_of_record\n",
        root="/builds/shop",
    )

    assert (files_of(scan), scan.notes) == (
        {
            "a.c": FileCoverage(
                path="a.c", covered=frozenset({1}), missed=frozenset({2}), branches=Tally(1, 2), records=2
            )
        },
        (),
    )


def test_lcov_may_count_lines_without_naming_them():
    scan = read_text("SF:a.c\nLF:4\nLH:3\nend_of_record\nSF:b.c\nDA:1,1\nend_of_record\n")

    assert (files_of(scan)["a.c"].counted, scan.coverage.lines if scan.coverage else None) == (Tally(3, 4), Tally(4, 5))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("SF:a\nDA:1,1\n", "breaks off: its last record has no end"),
        ("SF:a\nDA:1,1\nSF:b\n", "line 3 ('SF:b'): the record before it has no end"),
        ("TN:\nend_of_record\n", "line 2 ('end_of_record'): no record has begun"),
        ("TN:\nDA:1,1\n", "line 2 ('DA:1,1'): it belongs to no file"),
        ("SF:a\nDA:1,x\nend_of_record\n", "line 2 ('DA:1,x'): it is not as its format demands"),
        ("SF:a\nend_of_record\n", "holds no line of code"),
    ],
    ids=["cut", "no end", "no beginning", "no file", "no number", "no line"],
)
def test_lcov_that_is_not_whole_is_an_error(text, told):
    with pytest.raises(ReportError) as caught:
        read_text(text)

    assert told in caught.value.what


def test_a_line_is_covered_in_go_where_one_block_on_it_ran():
    scan = read_text("mode: set\nm/a.go:3.10,5.4 1 1\nm/a.go:5.4,6.2 2 0\nm/a.go:5.4,6.2 2 0\n")

    assert (files_of(scan), scan.notes) == (
        {"m/a.go": FileCoverage(path="m/a.go", covered=frozenset({3, 4, 5}), missed=frozenset({6}))},
        ("Go counts statements: 1 of 3, 33.3 %.",),
    )


def test_profiles_of_go_that_were_joined_with_their_first_lines_are_read():
    scan = read_text("mode: set\na.go:1.1,1.9 1 0\nmode: set\na.go:1.1,1.9 1 1\n\n")

    assert files_of(scan) == {"a.go": FileCoverage(path="a.go", covered=frozenset({1}))}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mode: set\n", "holds no line of code"),
        ("mode: set\na.go:1.1,2.2 1\n", "line 2 ('a.go:1.1,2.2 1')"),
        ("mode: set\na.go:1.1,999999999.1 1 1\n", "spans more than 5000000 lines"),
        ("a.go:1.1,2.2 1 1\n", "line 1 ('a.go:1.1,2.2 1 1')"),
    ],
    ids=["no block", "cut", "gigantic", "no first line"],
)
def test_a_profile_of_go_that_proves_nothing_is_an_error(text, told):
    with pytest.raises(ReportError) as caught:
        read_text(text, format="go-cover")

    assert told in caught.value.what


def coverage_py(executed, missing, **more):
    file = {"executed_lines": executed, "missing_lines": missing, **more}
    totals = {"covered_lines": len(executed), "num_statements": len(executed) + len(missing)}
    return {"meta": {"version": "7.0"}, "files": {"a.py": file}, "totals": totals}


def test_lines_that_a_comment_excludes_cannot_be_covered():
    scan = read_json(coverage_py([1, 2, 3], [4], excluded_lines=[3]))

    assert (scan.version, files_of(scan)) == (
        "7.0",
        {"a.py": FileCoverage(path="a.py", covered=frozenset({1, 2}), missed=frozenset({4}))},
    )


@pytest.mark.parametrize(
    "document",
    [
        coverage_py([], []),
        coverage_py([-1], []),
        coverage_py(["1"], []),
        {"meta": {}, "files": {}, "totals": {"covered_lines": 9, "num_statements": 9}},
        {"meta": {}, "files": [], "totals": {}},
    ],
    ids=["no line", "negative", "text", "no file", "wrong kind"],
)
def test_json_of_coverage_py_that_proves_nothing_is_an_error(document):
    with pytest.raises(ReportError):
        read_json(document)


@pytest.mark.parametrize(
    "text",
    [
        '<coverage line-rate="1"><packages/></coverage>',
        '<coverage line-rate="1"><class filename="a"><lines><line number="1"/></lines></class></coverage>',
        '<coverage clover="4"><project><metrics statements="9" coveredstatements="9"/></project></coverage>',
        '<report><sessioninfo id="x"/><counter type="LINE" missed="0" covered="9"/></report>',
        '<coverage line-rate="1"><class filename="a"><lines><line number="1" hits="1"/>',
    ],
    ids=["no class", "no hits", "totals only", "counters only", "cut"],
)
def test_xml_without_lines_is_an_error(text):
    with pytest.raises(ReportError):
        read_text(text)
