"""Columns of many rows as PostgreSQL's binary arrays.

psycopg makes arrays element by element and guesses their types: a fifth of what an append cost.
"""

import struct
from collections.abc import Sequence
from typing import ClassVar, Final
from uuid import UUID

from psycopg.adapt import AdaptersMap, Dumper
from psycopg.pq import Format

NULL: Final = b"\xff\xff\xff\xff"
_head: Final = struct.Struct("!5i").pack
_length: Final = struct.Struct("!i").pack
_int: Final = struct.Struct("!ii").pack
_bigint: Final = struct.Struct("!iq").pack


class Column:
    """An array, ready to be sent. `element` is the type of what is in it."""

    element: ClassVar[int]
    __slots__ = ("data",)

    def __init__(self, items: Sequence[bytes]) -> None:
        self.data = _head(1, NULL in items, self.element, len(items), 1) + b"".join(items)


class Uuids(Column):
    """uuid[]; None is null."""

    element = 2950

    def __init__(self, values: Sequence[UUID | None]) -> None:
        super().__init__([b"\x00\x00\x00\x10" + v.bytes if v is not None else NULL for v in values])


class Texts(Column):
    """text[]"""

    element = 25

    def __init__(self, values: Sequence[str]) -> None:
        super().__init__([_length(len(v)) + v for v in [value.encode() for value in values]])


class Blobs(Column):
    """bytea[]"""

    element = 17

    def __init__(self, values: Sequence[bytes]) -> None:
        super().__init__([_length(len(v)) + v for v in values])


class Ints(Column):
    """int[]"""

    element = 23

    def __init__(self, values: Sequence[int]) -> None:
        super().__init__([_int(4, v) for v in values])


class Bigints(Column):
    """bigint[]"""

    element = 20

    def __init__(self, values: Sequence[int]) -> None:
        super().__init__([_bigint(8, v) for v in values])


class _AsItIs(Dumper):
    format = Format.BINARY

    def dump(self, obj: Column) -> bytes:
        return obj.data


_ARRAYS: Final = {Uuids: 2951, Texts: 1009, Blobs: 1001, Ints: 1007, Bigints: 1016}
_DUMPERS: Final = [(kind, type(kind.__name__, (_AsItIs,), {"oid": oid})) for kind, oid in _ARRAYS.items()]


def register(adapters: AdaptersMap) -> None:
    """Make a connection know columns."""
    for kind, dumper in _DUMPERS:
        adapters.register_dumper(kind, dumper)
