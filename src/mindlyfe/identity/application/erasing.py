"""Erases people: prepares, has every context delete, destroys the keys, sweeps. It may die at any point and goes on.

The order is what makes it safe. First the person can do nothing any more, and is told. Then each context deletes what
it holds in the clear, as long as the keys still tell it what is the person's. Then the keys go: all that is left is
unreadable, in backups too. Last, when no process can have a key in memory, each context deletes once more.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from mindlyfe.identity.application.acts import member_stream
from mindlyfe.identity.application.endings import Endings
from mindlyfe.identity.application.erasures import erasure_stream
from mindlyfe.identity.application.ports import ErasureDue, MergedAccounts
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.domain.account import close
from mindlyfe.identity.domain.erasure import (
    Erasure,
    Gone,
    Ordered,
    complete,
    confirm,
    keys_destroyed,
    order,
    prepared,
    settled,
)
from mindlyfe.identity.domain.member import assign
from mindlyfe.identity.domain.refusals import LastAdministrator
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import REGION, PersonId, TenantId
from mindlyfe.kernel.personal import PersonData
from mindlyfe.kernel.secrecy import Keys
from mindlyfe.kernel.telemetry import by_platform

REST_S: Final = 1.0
_log: Final = structlog.get_logger("erasures")


class DueErasures(Protocol):
    """What there is to do, and what was done."""

    async def due(self) -> list[ErasureDue]:
        """Who is to be erased."""
        ...

    async def gone(self) -> list[tuple[TenantId, Sequence[PersonId], bool]]:
        """Whose keys are destroyed, under all their ids, and whether the region's was, too."""
        ...


class KnownNamesakes(Protocol):
    """Other ids of a person."""

    async def of(self, tenant: TenantId, person: PersonId, email: str) -> tuple[PersonId, ...]:
        """Those that invitations and attempts to register were sealed under."""
        ...


class KeptTombstones(Protocol):
    """Who is gone, where no restore of the database reaches."""

    async def keep(self, gone: Gone) -> None:
        """Again, nothing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasing:
    """The worker, and the beginning that a decision makes at once."""

    streams: IdentityStreams
    listed: DueErasures
    sources: Mapping[str, PersonData]
    endings: Endings
    namesakes: KnownNamesakes
    tombstones: KeptTombstones
    merged: MergedAccounts
    keys: Keys
    clock: Clock

    async def run(self) -> None:
        """Destroy again what a restored backup of the keys may have brought back; then look for work, for ever."""
        await self.again()
        while True:
            await self.turn()
            await asyncio.sleep(REST_S)

    async def again(self) -> None:
        """Destroy the keys of all who were erased: this list outlives every backup of the keys."""
        for tenant, persons, region in await self.listed.gone():
            await self._destroy(tenant, persons, region=region)

    async def turn(self) -> None:
        """Bring everybody's erasing as far as it goes now. What fails is tried again in the next turn."""
        for due in await self.listed.due():
            try:
                await self.begin(due.tenant, due.person)
                await self.advance(due.tenant, due.person)
            except Exception as failure:  # noqa: BLE001 - one person's trouble
                _log.warning("erasure waits", person=str(due.person), exc_info=failure)

    async def begin(self, tenant: TenantId, person: PersonId, *, listed: bool = True) -> None:
        """Take the person's roles, which an only administrator keeps, then order it. Raises LastAdministrator.

        With them go the accounts of theirs that were merged into this one: their data is this person's, too.
        Not `listed`: of somebody who never belonged here, and asked for nothing.
        """
        for one in (*await self.merged.into(tenant, person), person):
            await self._begin(tenant, one, listed=listed)

    async def _begin(self, tenant: TenantId, person: PersonId, *, listed: bool = True) -> None:
        erasing, _ = await self.streams.erasures.load(tenant, erasure_stream(tenant, person))
        if erasing:
            return
        member, _ = await self.streams.members.load(tenant, member_stream(tenant, person))
        if member and member.roles and member.standing != "left":
            stream = member_stream(tenant, person)
            await self.streams.members.decide(by_platform(tenant), stream, lambda state: assign(state, frozenset()))
        await self._order(tenant, person, listed=listed)

    async def repeat(self, gone: Gone) -> None:
        """Erase again who is back by a restore, though it is not told a second time. Raises Unavailable.

        Their keys may be there or not: records and keys come from different moments.
        """
        tenant, person = gone.tenant, gone.persons[0]
        with suppress(Erased, LastAdministrator):
            await self.begin(tenant, person, listed=gone.listed)
        await self._order(tenant, person, listed=gone.listed)
        if (await self._load(tenant, person)).region is None:
            region, others = gone.region, set(gone.persons[1:])
            with suppress(Erased):
                await self.endings.end(by_platform(tenant), person, organisation=tenant)
                alone, namesakes = await self._prepare(tenant, person)
                region, others = region or alone, others | set(namesakes)
            known = tuple(sorted(others))
            await self.streams.erasures.decide(
                by_platform(tenant),
                erasure_stream(tenant, person),
                lambda state: prepared(state, region=region, namesakes=known),
            )
        await self.advance(tenant, person)

    async def _order(self, tenant: TenantId, person: PersonId, *, listed: bool) -> None:
        wish = Ordered(person=person, contexts=tuple(self.sources), at=self.clock(), listed=listed)
        await self.streams.erasures.decide(
            by_platform(tenant), erasure_stream(tenant, person), lambda state: order(state, wish)
        )

    async def advance(self, tenant: TenantId, person: PersonId) -> None:
        """One step after the other, each put on record when it is done. Raises Unavailable."""
        stream, act = erasure_stream(tenant, person), by_platform(tenant)
        erasing = await self._load(tenant, person)
        if erasing.region is None:
            if not await self._left(tenant, erasing):
                return
            region, namesakes = await self._prepare(tenant, person)
            await self.streams.erasures.decide(
                act, stream, lambda state: prepared(state, region=region, namesakes=namesakes)
            )
            erasing = await self._load(tenant, person)
        for context in erasing.awaited:
            await self._delete(context, tenant, erasing)
            await self.streams.erasures.decide(act, stream, lambda state, context=context: confirm(state, context))  # type: ignore[misc]
        if erasing.keys_destroyed_at is None:
            now, region = self.clock(), bool(erasing.region)
            gone = Gone(tenant=tenant, persons=erasing.persons, region=region, at=now, listed=erasing.listed)
            await self.tombstones.keep(gone)
            await self._destroy(tenant, erasing.persons, region=region)
            await self.streams.erasures.decide(act, stream, lambda state: keys_destroyed(state, now))
            erasing = await self._load(tenant, person)
        if settled(erasing, self.clock()) and await self._others_gone(tenant, person):
            for context in erasing.contexts:
                await self._delete(context, tenant, erasing)
            now = self.clock()
            await self.streams.erasures.decide(act, stream, lambda state: complete(state, now))

    async def _others_gone(self, tenant: TenantId, person: PersonId) -> bool:
        """Whether the accounts that were merged into this one are erased already."""
        for one in await self.merged.into(tenant, person):
            erasing, _ = await self.streams.erasures.load(tenant, erasure_stream(tenant, one))
            if erasing is None or erasing.completed_at is None:
                return False
        return True

    async def _left(self, tenant: TenantId, erasing: Erasure) -> bool:
        """Sign out, and have each context say its last word while there is an address to say it to.

        Who never belonged here and asked for nothing is told nothing: it may be the address of a stranger.
        Of several accounts that were merged, only the one that is left is told.
        """
        person = erasing.person
        await self.endings.end(by_platform(tenant), person, organisation=tenant)
        member, _ = await self.streams.members.load(tenant, member_stream(tenant, person))
        if not erasing.listed or (member and member.merged_into):
            return True
        return all([await source.leave(tenant=tenant, person=person) for source in self.sources.values()])

    async def _prepare(self, tenant: TenantId, person: PersonId) -> tuple[bool, tuple[PersonId, ...]]:
        """Leave, and free the address with the last organisation: whether it was, and their other ids."""
        try:
            account, _ = await self.streams.accounts.load(REGION, person)
        except Erased:
            return False, ()  # it went with their last organisation, which this one was no longer
        if account is None:
            return False, ()
        namesakes = await self.namesakes.of(tenant, person, account.email)
        await self.streams.accounts.decide(by_platform(REGION), person, lambda state: close(state, tenant))
        account, _ = await self.streams.accounts.load(REGION, person)
        return account is not None and account.closed, namesakes

    async def _delete(self, context: str, tenant: TenantId, erasing: Erasure) -> None:
        for person in erasing.persons:
            await self.sources[context].erase(tenant=tenant, person=person)
        if erasing.region:
            await self.sources[context].erase(tenant=REGION, person=erasing.person)

    async def _destroy(self, tenant: TenantId, persons: Sequence[PersonId], *, region: bool) -> None:
        """The keys of all ids of one person, whose own is the first."""
        for person in persons:
            await self.keys.erase(tenant, person)
        if region:
            await self.keys.erase(REGION, persons[0])

    async def _load(self, tenant: TenantId, person: PersonId) -> Erasure:
        erasing, _ = await self.streams.erasures.load(tenant, erasure_stream(tenant, person))
        assert erasing is not None
        return erasing
