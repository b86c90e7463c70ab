"""Holds the audit's chain against its signed heads: those in the database, those outside, those somebody kept."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from itertools import batched
from typing import Final, LiteralString
from uuid import UUID

from mindlyfe.kernel.attest import Attestor
from mindlyfe.kernel.audit_heads import FOLDER, SignedHead, opened, place
from mindlyfe.kernel.audit_verify import Fault, Report
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.objects import Objects
from mindlyfe.kernel.postgres import Database

PART: Final = 1000
AT_ONCE: Final = 32
ROWS: Final[LiteralString] = """
    select tenant, seq, hash, signed from audit_head where (tenant, seq) > (%s, %s) order by tenant, seq limit %s"""
CHAIN: Final[LiteralString] = """
    select tenant, seq, hash from audit_chain
    where (tenant, seq) in (select * from unnest(%s::uuid[], %s::bigint[]))"""


class Held:
    """One context's chain, held against heads; what is wrong is added to the report."""

    def __init__(self, database: Database, objects: Objects | None, attestor: Attestor, report: Report) -> None:
        """Without `objects`, only what is in the database and what somebody kept is looked at."""
        self._database, self._objects, self._attestor, self._report = database, objects, attestor, report

    async def against(self, kept: Iterable[str] = ()) -> Report:
        """Check all heads; `kept` are of an export that was kept elsewhere. Raises Unavailable."""
        rows = await self._rows()
        await self._compare([head for signed in kept if (head := self._mine(signed))])
        if self._objects is not None:
            await self._outside(self._objects, rows)
        return self._report

    async def _rows(self) -> set[str]:
        """Check the heads in the database; returns where their objects must be."""
        places: set[str] = set()
        after: tuple[UUID, int] = (UUID(int=0), 0)
        while True:
            async with self._database.worker() as tx:
                rows = await (await tx.execute(ROWS, (*after, PART))).fetchall()
            heads: list[SignedHead] = []
            for tenant, seq, hash_, signed in rows:
                head = opened(self._attestor, signed, self._database.context)
                if head is None or (head.tenant, head.seq, head.hash) != (tenant, seq, hash_.hex()):
                    self._report.faults.append(Fault("forged", tenant, 0, seq))
                else:
                    heads.append(head)
                places.add(place(tenant, seq))
            await self._compare(heads)
            self._report.signed += len(heads)
            if len(rows) < PART:
                return places
            after = rows[-1][0], rows[-1][1]

    async def _outside(self, objects: Objects, rows: set[str]) -> None:
        paths: set[str] = set()
        async for part in _parts(objects):
            paths.update(part)
            found = await asyncio.gather(*(_read(objects, path) for path in part))
            heads: list[SignedHead] = []
            for path, signed in zip(part, found, strict=True):
                head = opened(self._attestor, signed, self._database.context)
                if head is None or place(head.tenant, head.seq) != path:
                    self._report.faults.append(_forged(path))
                else:
                    heads.append(head)
            await self._compare(heads)
        self._report.outside += len(paths)
        self._report.missing += len(rows - paths)

    async def _compare(self, heads: Sequence[SignedHead]) -> None:
        """Each head must be a link of the chain still."""
        columns = [head.tenant for head in heads], [head.seq for head in heads]
        async with self._database.worker() as tx:
            rows = await (await tx.execute(CHAIN, columns)).fetchall()
        links = {(tenant, seq): hash_.hex() for tenant, seq, hash_ in rows}
        for head in heads:
            there = links.get((head.tenant, head.seq))
            fault = Fault("cut" if there is None else "rewritten", head.tenant, 0, head.seq)
            if there != head.hash and fault not in self._report.faults:
                self._report.faults.append(fault)

    def _mine(self, signed: str) -> SignedHead | None:
        head = opened(self._attestor, signed, self._database.context)
        if head is None:
            self._report.faults.append(Fault("forged", UUID(int=0), 0))
        return head


async def _parts(objects: Objects) -> AsyncIterator[Sequence[str]]:
    paths = [stored.path async for stored in objects.list(FOLDER)]
    for part in batched(sorted(paths), AT_ONCE, strict=False):
        yield part


async def _read(objects: Objects, path: str) -> str:
    try:
        return (await objects.get_plain(path)).decode(errors="replace")
    except NotFound:
        return ""


def _forged(path: str) -> Fault:
    """Something in the place of a head. What the name does not tell is left open."""
    _, tenant, number = [*path.split("/"), "", ""][:3]
    try:
        return Fault("forged", UUID(tenant), 0, int(number))
    except ValueError:
        return Fault("forged", UUID(int=0), 0)
