"""Signed heads of the audit: where each clinic's chain stood, in the database and, out of its reach, as objects.

Whoever rewrites or cuts the chain in the database cannot sign a head that fits, nor remove those that lie elsewhere.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec
import psycopg
import structlog

from mindlyfe.kernel.attest import Attestor, Forged
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Instant, TenantId
from mindlyfe.kernel.objects import Objects
from mindlyfe.kernel.postgres import Database

PURPOSE: Final = "audit-head"
FOLDER: Final = "audit-heads"
EVERY_S: Final = 60.0

# The end of each chain that moved since its last head.
MOVED: Final[LiteralString] = """
    select last.tenant, last.seq, c.hash
    from (select tenant, max(seq) as seq from audit_chain group by tenant) last join audit_chain c using (tenant, seq)
    where not exists (select from audit_head h where h.tenant = last.tenant and h.seq >= last.seq)
    order by last.tenant"""
ADD: Final[LiteralString] = """
    insert into audit_head (tenant, seq, hash, signed) values (%s, %s, %s, %s) on conflict do nothing"""
NEWEST: Final[LiteralString] = """
    select distinct on (tenant) signed from audit_head order by tenant, seq desc"""


class SignedHead(msgspec.Struct, frozen=True):
    """What is signed: that this link was the last of this clinic's chain in this context, at this time."""

    context: str
    tenant: TenantId
    seq: int
    hash: str
    """In hexadecimal."""
    at: Instant


class Export(msgspec.Struct, frozen=True):
    """The newest heads, for somebody to keep elsewhere; `key` verifies them without us."""

    key: dict[str, str]
    heads: dict[str, list[str]]
    """Context → compact JWS, one per clinic."""


class Heads:
    """Signs the heads of one context. Several may run: what the one has signed the others leave alone."""

    def __init__(self, database: Database, objects: Objects, attestor: Attestor, clock: Clock) -> None:
        self._database, self._objects, self._attestor, self._clock = database, objects, attestor, clock
        self._log = structlog.get_logger(context=database.context)

    async def run(self) -> None:
        """Sign each minute, until cancelled. While the object store is away nothing is signed: later it catches up."""
        while True:
            try:
                await self.step()
            except (DomainError, psycopg.Error) as trouble:
                self._log.warning("audit heads not signed", error=type(trouble).__name__)
            await asyncio.sleep(EVERY_S)

    async def step(self) -> int:
        """Sign what moved; returns how many heads. Raises Unavailable."""
        async with self._database.worker() as tx:
            moved = await (await tx.execute(MOVED)).fetchall()
        now = self._clock()
        for tenant, seq, hash_ in moved:
            await self._keep(TenantId(tenant), seq, hash_, now)
        return len(moved)

    async def _keep(self, tenant: TenantId, seq: int, hash_: bytes, now: datetime) -> None:
        """Outside first: a row in the database always has its object."""
        head = SignedHead(self._database.context, tenant, seq, hash_.hex(), now)
        signed = self._attestor.signed(msgspec.json.encode(head))
        await self._objects.put_plain(place(tenant, seq), signed.encode())
        async with self._database.worker() as tx:
            await tx.execute(ADD, (tenant, seq, hash_, signed))


def place(tenant: UUID, seq: int) -> str:
    """Where the object of a head is."""
    return f"{FOLDER}/{tenant}/{seq:015d}"


def opened(attestor: Attestor, signed: str, context: str) -> SignedHead | None:
    """The head, if it is one that we signed for this context."""
    try:
        head = msgspec.json.decode(attestor.opened(signed), type=SignedHead)
    except (Forged, msgspec.MsgspecError):
        return None
    return head if head.context == context else None


async def newest(database: Database) -> Sequence[str]:
    """The last head of each clinic. Raises Unavailable."""
    async with database.worker() as tx:
        return [signed for (signed,) in await (await tx.execute(NEWEST)).fetchall()]
