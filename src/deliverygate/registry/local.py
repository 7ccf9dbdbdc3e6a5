"""A repository's own gates: source text to ``Gate``, compiled in a module of its own, whatever ``sys.path`` says."""

from __future__ import annotations

import linecache
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any

from deliverygate.config.shape import GateKind
from deliverygate.conversions import NotTextError, utf8
from deliverygate.errors import ConfigError
from deliverygate.gate import Gate
from deliverygate.registry import check_gate, installed, kind_of, load

MODULES = "deliverygate_local_gates"  # what comes before the name of each in ``sys.modules``


class LocalGates:
    """The gates that stand beside a policy, one a file, each called like its file. One is compiled when it is named."""

    def __init__(
        self, paths: Iterable[str], *, read: Callable[[str], bytes], label: Callable[[str], str], refused: str = ""
    ) -> None:
        """``read`` gives a file's bytes and ``label`` what messages call it; ``refused`` says why none may be run.

        Raises ConfigError when a file is called like an installed gate, or like another file.
        """
        self._read = read
        self._label = label
        self._refused = refused
        self._loaded: dict[str, Gate[Any]] = {}
        self.paths: dict[str, str] = {}
        for path in paths:
            name = PurePosixPath(path).stem.replace("_", "-")
            if name in installed() or name in self.paths:
                other = self.paths.get(name, f"the installed gate {name!r}")
                raise ConfigError(f"has the name of {other}", where=label(path), mend="give the file another name")
            self.paths[name] = path

    def load(self, name: str) -> Gate[Any]:
        """The gate ``name``, of the repository or installed. Raises ConfigError."""
        if name not in self.paths:
            return load(name, others=self.paths)
        if self._refused:
            raise ConfigError(
                self._refused, where=self._label(self.paths[name]), mend="bring it into the target branch first"
            )
        if name not in self._loaded:
            self._loaded[name] = self._compile(name)
        return self._loaded[name]

    def lookup(self, name: str) -> GateKind:
        """What the policy reader needs to know of a gate."""
        return kind_of(self.load(name))

    def _compile(self, name: str) -> Gate[Any]:
        path = self.paths[name]
        label = self._label(path)
        try:
            source = utf8(self._read(path))
        except (OSError, NotTextError) as error:
            why = getattr(error, "strerror", None) or "it is not UTF-8"
            raise ConfigError(f"cannot be read ({why})", where=label, mend="save it as UTF-8") from error
        module = ModuleType(f"{MODULES}.{name}")
        module.__file__ = label
        module.__package__ = ""  # it has no neighbours to import
        sys.modules[module.__name__] = module  # where the types of its settings are looked up
        linecache.cache[label] = (len(source), None, source.splitlines(keepends=True), label)  # for tracebacks
        try:
            exec(compile(source, label, "exec", dont_inherit=True), module.__dict__)  # noqa: S102  it is the law
        except (Exception, SystemExit) as error:  # whatever it raises is a fault of this file
            raise _fault(error, label) from error
        return check_gate(
            getattr(module, "gate", None), name, where=label, mend=f"let it define `gate = Gate(name={name!r}, ...)`"
        )


def _fault(error: BaseException, label: str) -> ConfigError:
    if isinstance(error, SyntaxError):
        return ConfigError(f"is not Python ({error.msg})", where=f"{label}:{error.lineno or 1}", mend="correct it")
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == label]
    where = f"{label}:{lines[-1]}" if lines else label
    alone = "a gate of the repository imports installed packages only"
    mend = alone if isinstance(error, ImportError) else "correct it"
    return ConfigError(f"cannot be imported ({type(error).__name__}: {error})", where=where, mend=mend)
