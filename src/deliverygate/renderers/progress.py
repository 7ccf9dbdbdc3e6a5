"""What happens while a stage runs: a live table on a terminal, one line an event elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TextIO

import msgspec

from deliverygate.model import GateResult
from deliverygate.renderers.text import neutral, one_line
from deliverygate.renderers.wording import outcome, tally

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

STYLES = {"passed": "green", "warned": "yellow", "inconclusive": "magenta", "error": "red", "failed": "bold red"}


class _Row(msgspec.Struct):
    state: str = "waiting"
    text: str = ""
    since: float = 0.0
    seconds: float | None = None  #: None while it waits or runs


class Progress:
    """Watches a run, from several threads at once: ``with Progress(sys.stderr, ids) as progress``.

    ``gate_ids`` are shown as waiting until they start. The table goes away when the run ends; the report follows it.
    """

    def __init__(
        self, stream: TextIO, gate_ids: Sequence[str] = (), *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream
        self._now = now
        self._rows = {gate_id: _Row() for gate_id in gate_ids}
        self._lock = Lock()
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if self._stream.isatty():
            self._live = _open_live(self._stream, self.table)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def started(self, gate_id: str) -> None:
        """The gate begins."""
        self._note(gate_id, f"{'started':<12}  {one_line(gate_id)}", state="running", since=self._now())

    def said(self, gate_id: str, text: str) -> None:
        """The gate tells what it is doing."""
        self._note(gate_id, f"{'running':<12}  {one_line(gate_id)}  {one_line(text)}", text=one_line(text))

    def finished(self, result: GateResult) -> None:
        """The gate is judged."""
        word, text = outcome(result), tally(result)
        line = f"{word:<12}  {one_line(result.id)}  {text}, {result.seconds:.1f} s"
        self._note(result.id, line, state=word, text=text, seconds=result.seconds)

    def table(self) -> Table:
        """The table as it stands now."""
        from rich.table import Table
        from rich.text import Text

        # Text and not markup: a name like "[link=...]" stays a name.
        table = Table(box=None, show_header=False, pad_edge=False, expand=False)
        for _ in range(3):
            table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        with self._lock:
            for gate_id, row in self._rows.items():
                seconds = f"{self._elapsed(row):.0f} s" if row.state != "waiting" else ""
                state = Text(row.state, style=STYLES.get(row.state, ""))
                table.add_row(state, Text(one_line(gate_id, 40)), Text(seconds, justify="right"), Text(row.text))
        return table

    def _elapsed(self, row: _Row) -> float:
        return self._now() - row.since if row.seconds is None else row.seconds

    def _note(self, gate_id: str, line: str, **changes: Any) -> None:
        with self._lock:
            row = self._rows.setdefault(gate_id, _Row())
            for name, value in changes.items():
                setattr(row, name, value)
            if not self._live:
                with suppress(OSError):  # a full disk under the log is no reason to judge nothing
                    self._stream.write(neutral(line) + "\n")
                    self._stream.flush()


def _open_live(stream: TextIO, table: Callable[[], Table]) -> Live | None:
    """The live table; None on a terminal that cannot move its cursor. rich obeys NO_COLOR and TERM by itself."""
    from rich.console import Console
    from rich.live import Live

    console = Console(file=stream)
    if console.is_dumb_terminal:
        return None
    live = Live(
        console=console,
        get_renderable=table,
        refresh_per_second=4,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    live.start()
    return live
