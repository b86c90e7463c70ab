"""What a reader has seen of a table whose rows carry their transaction: PostgreSQL's own snapshot, kept as a cursor.

A reader that remembers the highest number it read misses what was begun before and committed later; one that waits
until everything before has ended is held up by any long transaction. A snapshot says what was visible.
"""

import re
from typing import Final, Self

import msgspec

from mindlyfe.kernel.errors import Malformed

_TEXT: Final = re.compile(r"(\d{1,9})/(\d{1,19}):(\d{1,19}):((?:\d{1,19}(?:,\d{1,19})*)?)")


class Seen(msgspec.Struct, frozen=True):
    """All transactions below `xmin`, and those below `xmax` that are not among `running`, of one epoch of the log."""

    epoch: int = 0
    xmin: int = 1
    xmax: int = 1
    running: frozenset[int] = frozenset()

    @classmethod
    def read(cls, text: str) -> Self:
        """From `<epoch>/<snapshot>`; empty: nothing was seen. Raises Malformed."""
        if not text:
            return cls()
        parts = _TEXT.fullmatch(text)
        if parts is None:
            raise Malformed("This is no cursor of ours.")
        epoch, xmin, xmax = (int(parts[n]) for n in (1, 2, 3))
        return cls(epoch, xmin, xmax, frozenset(int(x) for x in parts[4].split(",") if x))

    def __str__(self) -> str:
        return f"{self.epoch}/{self.snapshot}"

    @property
    def snapshot(self) -> str:
        """As PostgreSQL writes a pg_snapshot."""
        return f"{self.xmin}:{self.xmax}:{','.join(str(x) for x in sorted(self.running))}"

    def has(self, tx: int) -> bool:
        """Whether what `tx` wrote was seen."""
        return tx < self.xmin or (tx < self.xmax and tx not in self.running)

    def upto(self, tx: int) -> Self:
        """As if no transaction after `tx` had been seen: where a reader goes on that was not given everything."""
        if tx + 1 >= self.xmax:
            return self
        below = frozenset(x for x in self.running if x <= tx)
        return type(self)(self.epoch, min([*below, tx + 1]), tx + 1, below)
