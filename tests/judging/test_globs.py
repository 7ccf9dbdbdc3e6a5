import pytest

from deliverygate.judging.globs import fault, matches


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("legacy/**", "legacy/a/b.py", True),
        ("legacy/**", "legacy", False),
        ("legacy/**", "old/legacy/a.py", False),
        ("**/*.py", "a.py", True),
        ("**/*.py", "x/y/a.py", True),
        ("src/*.py", "src/a/b.py", False),
        ("src/**/t.py", "src/t.py", True),
        ("src/**/t.py", "src/a/b/t.py", True),
        ("**/a", "xa", False),
        ("**", "a/b", True),
        ("*", "a/b", False),
        ("a**b", "aXb", True),
        ("a**b", "aX/b", False),
        ("a?b", "a/b", False),
        ("a[bc].py", "ab.py", True),
        ("a[!b].py", "ab.py", False),
        ("a[!b]c", "a/c", False),
        ("[]x]", "]", True),
        ("[a--z]", "-", True),
        ("[&&]", "&", True),
        ("a[b", "a[b", True),
        ("a.py", "aXpy", False),
        ("a\nb*", "a\nbc", True),
    ],
)
def test_pattern_fits_whole_paths_and_only_two_stars_cross_folders(pattern, path, fits):
    assert matches(pattern, path) is fits


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("src/**", None),
        (" ", "the pattern is empty; write one such as src/**"),
        ("src\\a", "'src\\\\a' holds a backslash; separate folders with /"),
        ("/src", "'/src' is not relative to the repository; write it without a leading / or ./ and without .."),
        ("./src", "'./src' is not relative to the repository; write it without a leading / or ./ and without .."),
        ("a/../b", "'a/../b' is not relative to the repository; write it without a leading / or ./ and without .."),
        ("src/", "'src/' names a folder; write 'src/**' for what lies in it"),
        ("[z-a]", "'[z-a]' is not a pattern (bad character range z-a); write sets as [abc] or [a-z]"),
    ],
)
def test_pattern_that_can_never_fit_is_told_with_its_cure(pattern, said):
    assert fault(pattern) == said
