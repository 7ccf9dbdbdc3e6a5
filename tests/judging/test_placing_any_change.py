"""Whatever a change adds or moves, it gives no path of a report another meaning: the old one stays, or nobody knows."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from deliverygate.judging.placing import Sight, Tree
from deliverygate.judging.placing.candidates import Hints
from deliverygate.judging.placing.deciding import Named, decide

PARTS = ("a", "b", "app", "src")
paths = st.builds(
    lambda folders, name: "/".join((*folders, name)),
    st.lists(st.sampled_from(PARTS), max_size=3),
    st.sampled_from(("main.py", "util.py", "Main.py", "src\\main.py")),
)
trees = st.frozensets(paths, min_size=1, max_size=6)
prefixes = st.sampled_from(("", "", "/app/", "/ci/a/", "C:/w/", "../../b/"))
places = st.sampled_from(("", "x.json", "reports/x.json", "a/reports/x.json", "src/x.json"))
links = st.dictionaries(
    st.builds("/".join, st.lists(st.sampled_from(PARTS), min_size=1, max_size=2)),
    st.sampled_from((*PARTS, ".", "src/app")),
    max_size=2,
)


def sight(
    now: frozenset[str], before: frozenset[str] | None, leads: dict[str, str], untracked: frozenset[str]
) -> Sight:
    leads = {link: target for link, target in leads.items() if not any(path.startswith(f"{link}/") for path in now)}

    def real(path: str) -> str | None:
        for _ in range(4):
            found = next((link for link in leads if path.startswith(f"{link}/")), None)
            if found is None:
                break
            path = f"{leads[found]}{path.removeprefix(found)}".removeprefix("./")
        return path if path in now | untracked else None

    old = None if before is None else Tree(before)
    return Sight(Tree(now, {link: str(target) for link, target in leads.items()}), real, look_back=lambda: old)


@given(
    base=trees, added=st.frozensets(paths, max_size=5), links=links, untracked=st.frozensets(paths, max_size=2),
    prefix=prefixes, report=places, is_coverage=st.booleans(), data=st.data(),
)  # fmt: skip
def test_what_a_change_adds_gives_no_path_another_meaning(
    base: frozenset[str],
    added: frozenset[str],
    links: dict[str, str],
    untracked: frozenset[str],
    prefix: str,
    report: str,
    is_coverage: bool,
    data: st.DataObject,
) -> None:
    root = data.draw(st.sampled_from(("", "src/", "a/", "a/b/")))
    named = sorted(path.removeprefix(root) for path in base if path.startswith(root) and "\\" not in path)
    assume(named)
    listed = [Named(f"{prefix}{path}") for path in named]
    hints = Hints(report=report, is_coverage=is_coverage)

    honest = decide(listed, sight(base, base, {}, frozenset()), hints)
    changed = decide(listed, sight(base | added, base, links, untracked - base - added), hints)

    for each, file in honest.files.items():
        now = changed.files.get(each)
        assert now == file or file in changed.unsure.get(each, ()) or (now is None and not is_coverage)


@given(base=trees, moved=paths, to=paths, report=places)
def test_a_finding_in_a_file_that_was_moved_is_never_found_in_a_file_that_was_there_before(
    base: frozenset[str], moved: str, to: str, report: str
) -> None:
    assume(moved.lower() != to.lower() and to not in base)
    base |= {moved}
    now = base - {moved} | {to}

    then = decide([Named(moved)], sight(base, base, {}, frozenset()), Hints(report=report))
    placed = decide([Named(moved)], sight(now, base, {}, frozenset()), Hints(report=report))

    assert placed.files.get(Named(moved)) in (None, then.files.get(Named(moved)))
