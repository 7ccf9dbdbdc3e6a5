"""Whether this interpreter takes modules from the checkout, which a change could have written: looked at first of all.

Imports nothing that Python has not loaded by itself, `__future__` included: it may be a file of the change.
"""

import os
import sys

TYPE_CHECKING = False  # as type checkers know it; `typing` is not loaded yet
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

#: What leads Python to modules and to their compiled code before any program runs. `-I` ignores all of it.
VARIABLES = ("PYTHONPATH", "PYTHONHOME", "PYTHONPYCACHEPREFIX")
#: Where CI systems say that the checkout is.
CHECKOUTS = ("CI_PROJECT_DIR", "GITHUB_WORKSPACE", "BUILD_SOURCESDIRECTORY", "WORKSPACE", "BITBUCKET_CLONE_DIR")
NAMES = ("deliverygate", "deliverygate.exe", "deliverygate-script.py")
WRONG_USE = 2


def is_command() -> bool:
    """Whether this process is the command's own script, and not a program that has imported it."""
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    return isinstance(script, str) and os.path.basename(script) in NAMES


def demand_isolation() -> None:
    """End with exit code 2 where modules of the checkout could be, or were already, imported."""
    fault = find_fault(os.environ, sys.path)
    if fault:
        sys.stderr.write(f"{_harmless(fault)}; see docs/security.md#the-interpreter\n")
        sys.stderr.flush()
        os._exit(WRONG_USE)  # and not sys.exit: what a module of the change has registered for the end is not called


def find_fault(environ: "Mapping[str, str]", path: "Iterable[str]") -> str:
    """Which place of modules lies in the checkout, with the cure; "" for none."""
    here = _current_folder()
    tops = tuple(_tops(environ, here))
    for name in () if sys.flags.ignore_environment else VARIABLES:
        written = environ.get(name, "")
        for entry in written.split(os.pathsep) if written else ():
            if _is_of_checkout(entry, tops):
                what = f"{name} names {entry or 'the current folder'}, where a change could have put modules"
                return f"{what}; start deliverygate without it (`env -u {name} deliverygate ...`)"
    for entry in _before_the_library(path):
        if _is_of_checkout(entry, tops) and not _is_installed(entry):
            what = f"Python looks for modules in {entry or 'the current folder'}, where a change could have put them"
            return f"{what}; start deliverygate with `python -I -m deliverygate`"
    home = _home_of_modules()
    if home and _is_of_checkout(home, tops):
        what = f"Python looks for modules of this user in {home}, where a change could have put them"
        return f"{what}; set HOME and PYTHONUSERBASE to folders outside of the checkout"
    return ""


def _before_the_library(path: "Iterable[str]") -> "Iterator[str]":
    """Places that are looked at before Python's own library, and empty ones anywhere."""
    library = os.path.realpath(os.path.dirname(os.__file__))
    before = True
    for entry in path:
        before = before and os.path.realpath(entry or ".") != library
        if before or not entry:
            yield entry


def _is_of_checkout(entry: str, tops: tuple[str, ...]) -> bool:
    """Whether a place of modules lies in the checkout; one that is not absolute is looked up in the current folder."""
    return not os.path.isabs(entry) or any(_is_below(os.path.realpath(entry), top) for top in tops)


def _is_installed(entry: str) -> bool:
    """Whether it belongs to the environment that we are installed in, which may lie in the checkout: `.venv`."""
    prefix = os.path.realpath(sys.prefix)
    return os.path.isabs(entry) and prefix != _current_folder() and _is_below(os.path.realpath(entry), prefix)


def _is_below(path: str, top: str) -> bool:
    return path == top or path.startswith(top.rstrip("/") + "/")


def _tops(environ: "Mapping[str, str]", here: str) -> "Iterator[str]":
    """The folders that a change may have written."""
    yield from (os.path.realpath(environ[name]) for name in CHECKOUTS if environ.get(name, "/") != "/")
    folder = here
    while not os.path.exists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return
        folder = above
    if folder != "/":
        yield folder


def _current_folder() -> str:
    try:
        return os.path.realpath(os.getcwd())
    except OSError:  # it was removed
        return "/"


def _home_of_modules() -> str:
    """The folder of modules of this user, where Python looks into it; "" elsewhere."""
    site = sys.modules.get("site")
    found = getattr(site, "USER_SITE", None) if getattr(site, "ENABLE_USER_SITE", False) else None
    return found if isinstance(found, str) and found in sys.path else ""


def _harmless(text: str) -> str:
    """Without what a terminal or the server of a job would obey; the renderers, which do it better, are not loaded."""
    shown = "".join(each if each.isprintable() else "?" for each in text)
    return shown.replace("::", ": :").replace("##[", "# #[")
