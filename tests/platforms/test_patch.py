"""Lines that are new, told by a patch without context."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.platforms.patch import added_lines, new_lines

HEAD = b"diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n"


@pytest.mark.parametrize(
    ("hunks", "spans"),
    [
        (b"@@ -1 +1 @@\n-a\n+b\n", ((1, 1),)),
        (b"@@ -0,0 +1,3 @@\n+a\n+b\n+c\n", ((1, 3),)),
        (b"@@ -3,2 +2,0 @@ def f():\n-a\n-b\n", ()),
        (b"@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n", ((1, 1),)),
        (b"@@ -1 +1,2 @@\n--- a/x\n+++ b/y\n+@@ -1 +9,9 @@\n@@ -9 +10 @@\n-a\n+b\n", ((1, 2), (10, 10))),
        (b"@@ -1 +1 @@\n-a\n+\x0b\xff\r\n", ((1, 1),)),
    ],
    ids=["changed", "added", "removed", "no newline", "lines like headers", "odd bytes"],
)
def test_stretches_are_those_of_the_hunks(hunks, spans):
    assert new_lines(HEAD + hunks) == {"x": spans}


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (b"b/src/a.py", "src/a.py"),
        (b"b/with space\t", "with space"),
        (b'"b/quote\\" tab\\t back\\\\slash \\303\\253"', 'quote" tab\t back\\slash ë'),
        ("b/nëw".encode(), "nëw"),
    ],
    ids=["plain", "space", "quoted", "UTF-8"],
)
def test_names_are_those_of_the_files(name, path):
    assert new_lines(b"diff --git a/x b/x\n--- a/x\n+++ " + name + b"\n@@ -0,0 +1 @@\n+a\n") == {path: ((1, 1),)}


@pytest.mark.parametrize(
    "patch",
    [b"", b"diff --git a/x b/x\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", b"diff --git a/p b/p\nBinary files a/p and b/p differ\n"],
    ids=["nothing", "deleted", "binary"],
)  # fmt: skip
def test_files_without_new_lines_are_left_out(patch):
    assert new_lines(patch) == {}


@pytest.mark.parametrize("hunk", [b"@@ -1 +1 @@\n-a\n", b"@@ -1 +1,2 @@\n-a\n+b\n context\n"], ids=["cut", "context"])
def test_a_patch_that_was_not_asked_for_is_an_error(hunk):
    with pytest.raises(ReportError, match="git's patch is not as it was asked for; run `git diff` here"):
        new_lines(HEAD + hunk)


@pytest.mark.parametrize(
    ("patch", "spans"),
    [
        ("", ()),
        ("Binary files a/x and b/x differ\n", None),
        ("--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+a\n", ((1, 1),)),
        ("@@ -0,0 +1,3 @@\n+a\n+b\n", None),
        ("@@ -1,2 +1,2 @@\n-a\n", None),
        ("@@ -0,0 +1 @@\n+a\rb\n", None),
        ("@@ -0,0 +1 @@\n+a\u2028b\n", None),
        ("@@ -0,0 +1 @@\n+a\r\n", ((1, 1),)),
        ("@@ -0,0 +1,3 @@\n+version https://git-lfs.github.com/spec/v1\n+oid sha256:1\n+size 9\n", None),
        ("@@ -0,0 +1,2 @@\n+a\n+b\n", ((1, 2),)),
        ("@@ -1,3 +1,4 @@ def f():\n a\n+b\n c\n-d\n+e\n", ((2, 2), (4, 4))),
        ("@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n", ((1, 1),)),
        ("@@ -1 +1,2 @@\n a\n+++ b/x\n@@ -9,2 +10 @@\n-a\n b\n", ((2, 2),)),
        ("@@ -1,2 +1 @@\n-@@ -1 +1 @@\n a\n", ()),
    ],
    ids=[
        "nothing",
        "binary",
        "with names",
        "cut",
        "cut behind what went",
        "CR",
        "U+2028",
        "CRLF",
        "Git LFS",
        "new file",
        "context",
        "no newline",
        "a line like a name",
        "a line like a hunk",
    ],
)
def test_lines_of_a_patch_with_context_are_counted_as_they_are_now(patch, spans):
    assert added_lines(patch) == spans
