"""Many requests by a schedule: when each was due, how long it took from then, and whether it was any good."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

import msgspec

MOST_SHOTS = 100_000  #: every shot is kept as it is, about 100 bytes each


class Phases(msgspec.Struct, frozen=True):
    """Where the seconds of one exchange went. None: there was no such phase, or it was not come to."""

    dns: float | None = None  #: looking up the name; None for an address
    connect: float | None = None  #: until the connection stood
    tls: float | None = None  #: the TLS handshake; None without one
    first_byte: float | None = None  #: from the request sent to the head of the answer
    transfer: float | None = None  #: from there to the last byte


class Schedule(msgspec.Struct, frozen=True):
    """When shots are due: ``count`` of them, ``interval_seconds`` apart, whatever becomes of those before."""

    count: int
    interval_seconds: float
    concurrency: int = 64  #: the most that are under way at once; one that finds no lane waits, and its time runs
    late_after_seconds: float = 0.01  #: a shot that we ourselves sent later than that is marked

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MOST_SHOTS:
            raise ValueError(f"a sample has 1 to {MOST_SHOTS} shots, not {self.count}")
        if not 0 < self.interval_seconds < math.inf or not 0 < self.late_after_seconds < math.inf:
            raise ValueError("an interval of a schedule is longer than 0 s")
        if not 1 <= self.concurrency <= 1000:
            raise ValueError(f"1 to 1000 shots are under way at once, not {self.concurrency}")


class Shot(msgspec.Struct, frozen=True):
    """One request of a sample."""

    intended: float  #: when it was due, in seconds from the start of the sample
    seconds: float  #: from then to the last byte of the answer, or to the fault
    lag: float = 0.0  #: how much later than due we sent it although nothing held us up; part of ``seconds``
    late: bool = False  #: ``lag`` is over the schedule's limit: it tells of the prober, so nothing is judged by it
    ok: bool = False  #: a whole answer came, and it was a good one
    status: int | None = None  #: None: no whole answer came
    fault: str | None = None  #: the kind of the TransportError that came in its place, e.g. "connect_refused"
    address: str = ""  #: the IP address that was asked; "" when none was reached
    phases: Phases = Phases()


class Shots(Sequence[Shot]):
    """Shots in the order in which they ended, as columns of numbers: a hundred thousand take 10 MB."""

    def __init__(self, shots: Iterable[Shot] = ()) -> None:
        self._times = array("d")  # intended, seconds, lag, then the phases; NaN is None
        self._marks = array("H")  # late and ok as bits, status or 0, fault and address as places in ``_words``
        self._words: dict[str, int] = {"": 0}
        for shot in shots:
            self.append(shot)

    def append(self, shot: Shot) -> None:
        """Add one. A sample has few different faults and addresses."""
        times = (shot.intended, shot.seconds, shot.lag, *msgspec.structs.astuple(shot.phases))
        self._times.extend(math.nan if each is None else each for each in times)
        fault, address = (self._words.setdefault(word or "", len(self._words)) for word in (shot.fault, shot.address))
        self._marks.extend((shot.late + 2 * shot.ok, shot.status or 0, fault, address))

    def __len__(self) -> int:
        return len(self._times) // TIMES

    @overload
    def __getitem__(self, index: int) -> Shot: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Shot]: ...

    def __getitem__(self, index: int | slice) -> Shot | Sequence[Shot]:
        if isinstance(index, slice):
            return tuple(self[each] for each in range(*index.indices(len(self))))
        at = range(len(self))[index]  # raises IndexError as a list does
        intended, seconds, lag, *phases = self._times[at * TIMES : (at + 1) * TIMES]
        bits, status, fault, address = self._marks[at * MARKS : (at + 1) * MARKS]
        words = list(self._words)
        return Shot(
            intended=intended,
            seconds=seconds,
            lag=lag,
            late=bool(bits & 1),
            ok=bool(bits & 2),
            status=status or None,
            fault=words[fault] or None,
            address=words[address],
            phases=Phases(*(None if math.isnan(each) else each for each in phases)),
        )

    def __iter__(self) -> Iterator[Shot]:
        return (self[index] for index in range(len(self)))


TIMES = 8  #: numbers of a shot in ``Shots._times``
MARKS = 4  #: and in ``Shots._marks``


class Sample(msgspec.Struct, frozen=True):
    """What became of a schedule. ``shots`` and ``missed`` together are all that was due."""

    shots: Sequence[Shot]  #: in the order in which they ended
    missed: int = 0  #: due, but never sent: every lane waited for an answer longer than ``timeout_seconds``
    seconds: float = 0.0  #: from the first shot's due time to the end of the last

    @property
    def used(self) -> Iterator[Shot]:
        """Those that tell of the service: all that were not late."""
        return (shot for shot in self.shots if not shot.late)

    @property
    def late(self) -> int:
        """How many tell of the prober only."""
        return sum(shot.late for shot in self.shots)
