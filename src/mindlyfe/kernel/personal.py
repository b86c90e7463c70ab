"""What each context holds of a person: told for their export, judged for its retention, erased when it is ordered.

A context describes it in `Module.personal`. What has no topic here cannot be told: psychotherapy notes have none.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, LiteralString, Protocol

import msgspec

from mindlyfe.kernel.audited import audited
from mindlyfe.kernel.errors import Malformed
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.objects import Objects
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.retained import Retained

type Topic = Literal[
    "account",
    "profile",
    "consents",
    "sessions",
    "care",
    "requests",
    "availability",
    "appointments",
    "episodes",
    "notes",
    "tasks",
    "messages",
    "audit",
]
PAGE: Final = 250
"""Entries in one answer: less than what a broker carries."""
SNAPSHOTS: Final[LiteralString] = "delete from snapshot where subject = %(person)s"
REPEATS: Final[LiteralString] = "delete from idempotency where actor = %(person)s"
KERNEL: Final[Mapping[str, str]] = {
    "event": "sealed under the person's key, which is destroyed; what is not sealed holds ids alone",
    "audit": "ids alone: who did what, kept for as long as the law wants it, under a chain that shows each change",
}
"""Tables of every context whose rows stay, and why."""
ERASED: Final[Mapping[str, LiteralString]] = {"snapshot": SNAPSHOTS, "idempotency": REPEATS}
"""Tables of every context whose rows about a person go."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a context knows of a person. `values` have names that explain themselves."""

    topic: Topic
    values: dict[str, Any]
    resource: dict[str, Any] | None = None
    """The same as a resource of FHIR R4, where there is one."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A part of what a context knows; `next` asks for more, None: that was all."""

    entries: list[Entry]
    next: str | None = None


class PersonData(Protocol):
    """Every context answers it. All are for identity alone, which has asked whether it may."""

    async def export(self, *, tenant: TenantId, person: PersonId, after: str | None) -> Told:
        """What the context knows of the person, a part at a time."""
        ...

    async def retained(self, *, tenant: TenantId, person: PersonId) -> list[Retained]:
        """What a law may want kept."""
        ...

    async def leave(self, *, tenant: TenantId, person: PersonId) -> bool:
        """Whether nothing is left to be said to the person before they are erased; asked again until it is so."""
        ...

    async def erase(self, *, tenant: TenantId, person: PersonId) -> None:
        """Delete all that the person's key does not seal; again, nothing. Returns when it is gone."""
        ...

    async def barred(self, *, tenant: TenantId, person: PersonId) -> bool:
        """Whether something runs for the person that must end before their account can become another one."""
        ...

    async def moved(self, *, tenant: TenantId, person: PersonId) -> bool:
        """Whether nothing is held as the person's any more that belongs to the account theirs was merged into."""
        ...


async def _nothing(_: TenantId, __: PersonId) -> Sequence[Any]:
    return ()


async def _at_once(_: TenantId, __: PersonId) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """How a context tells and erases what it holds of a person. Each of its tables is in `erases` or in `keeps`."""

    tells: Callable[[TenantId, PersonId], Awaitable[Sequence[Entry]]] = _nothing
    retains: Callable[[TenantId, PersonId], Awaitable[Sequence[Retained]]] = _nothing
    takes_leave: Callable[[TenantId, PersonId], Awaitable[bool]] = _at_once
    """Whether all was said to a person who is about to be erased; the first call says it."""
    erases: Mapping[str, LiteralString] = field(default_factory=dict[str, LiteralString])
    """Table → what deletes the person's rows from it: `%(person)s`, with the tenant named. In this order."""
    keeps: Mapping[str, str] = field(default_factory=dict[str, str])
    """Table whose rows stay → why they may."""
    moves: Mapping[str, LiteralString] = field(default_factory=dict[str, LiteralString])
    """Table → `select` of whether something in it waits to become another account's, into which the person's was
    merged. Whoever heard of the merge moves it."""
    bars: Mapping[str, LiteralString] = field(default_factory=dict[str, LiteralString])
    """Table → `select` of whether something runs there that must end before an account can become another one."""
    stays: Mapping[str, str] = field(default_factory=dict[str, str])
    """Table whose rows stay the merged account's own → why that is right."""


def together(one: Personal, other: Personal) -> Personal:
    """What two slices of a context hold of a person. `one` tells, takes leave and is erased first."""

    async def tells(tenant: TenantId, person: PersonId) -> Sequence[Entry]:
        return [*await one.tells(tenant, person), *await other.tells(tenant, person)]

    async def retains(tenant: TenantId, person: PersonId) -> Sequence[Retained]:
        return [*await one.retains(tenant, person), *await other.retains(tenant, person)]

    async def takes_leave(tenant: TenantId, person: PersonId) -> bool:
        return await one.takes_leave(tenant, person) and await other.takes_leave(tenant, person)

    return Personal(
        tells=tells,
        retains=retains,
        takes_leave=takes_leave,
        erases={**one.erases, **other.erases},
        keeps={**one.keeps, **other.keeps},
        moves={**one.moves, **other.moves},
        bars={**one.bars, **other.bars},
        stays={**one.stays, **other.stays},
    )


def belongings(tenant: TenantId, person: PersonId) -> str:
    """The directory of all objects of a person in the context's part of the bucket: erased with them."""
    return f"people/{tenant}/{person}"


class PersonalData:
    """Answers `PersonData` for one context."""

    def __init__(self, database: Database, objects: Objects, personal: Personal) -> None:
        self._database, self._objects, self._personal = database, objects, personal

    async def export(self, *, tenant: TenantId, person: PersonId, after: str | None) -> Told:
        """First what the context tells, then what the audit says of the person."""
        kind, _, place = (after or "own:0").partition(":")
        if kind not in ("own", "audit") or not place.isdigit():
            raise Malformed
        if kind == "own":
            entries = list(await self._personal.tells(tenant, person))
            start, end = int(place), int(place) + PAGE
            return Told(entries=entries[start:end], next=f"own:{end}" if end < len(entries) else "audit:0")
        rows, last = await audited(self._database, tenant, person, int(place), PAGE)
        entries = [Entry(topic="audit", values=values, resource=resource) for values, resource in rows]
        return Told(entries=entries, next=None if last is None else f"audit:{last}")

    async def retained(self, *, tenant: TenantId, person: PersonId) -> list[Retained]:
        """What a law may want kept."""
        return list(await self._personal.retains(tenant, person))

    async def leave(self, *, tenant: TenantId, person: PersonId) -> bool:
        """Whether nothing is left to be said. Raises Unavailable."""
        return await self._personal.takes_leave(tenant, person)

    async def erase(self, *, tenant: TenantId, person: PersonId) -> None:
        """Rows in one transaction, then objects. Raises Unavailable."""
        async with self._database.app(tenant) as tx, tx.pipeline():
            for statement in (*self._personal.erases.values(), *ERASED.values()):
                await tx.execute(statement, {"person": person})
        async for stored in self._objects.list(belongings(tenant, person)):
            await self._objects.delete(stored.path)

    async def moved(self, *, tenant: TenantId, person: PersonId) -> bool:
        """Whether none of `moves` finds anything. Raises Unavailable."""
        return not await self._found(tenant, person, self._personal.moves)

    async def barred(self, *, tenant: TenantId, person: PersonId) -> bool:
        """Whether one of `bars` finds something. Raises Unavailable."""
        return await self._found(tenant, person, self._personal.bars)

    async def _found(self, tenant: TenantId, person: PersonId, asked: Mapping[str, LiteralString]) -> bool:
        async with self._database.app(tenant) as tx:
            for statement in asked.values():
                row = await (await tx.execute(statement, {"person": person})).fetchone()
                if row is None or row[0]:
                    return True
        return False
