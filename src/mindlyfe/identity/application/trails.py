"""Gathers the audit of all contexts, newest first; who does not answer is named, never left out unseen."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from msgspec.structs import replace

from mindlyfe.identity.application.discreet import Discreet, Emergencies
from mindlyfe.identity.application.tries import FIRST_STEP, PAUSED, SECOND_STEP, TRIED
from mindlyfe.identity.contract.audit import AccessLine, AccessLog, Actor, AuditLine, AuditPage
from mindlyfe.identity.domain.plain import plain
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import ANONYMOUS, REGION, SYSTEM, PersonId, Principal, TenantId
from mindlyfe.kernel.paging import after, cursor
from mindlyfe.kernel.trail import AuditTrail, Sought, TrailLine

NOBODY: Mapping[UUID, str] = {SYSTEM: "The platform", ANONYMOUS: "Somebody who was not signed in"}
GONE = "Somebody who is not in the clinic now"
UNPROVED = "Somebody who did not prove to be you"
REJECTED = "factors.proof-rejected.v1"
DOUBTFUL = frozenset({TRIED, PAUSED, FIRST_STEP, SECOND_STEP, REJECTED})
"""What somebody else may have done in the person's name."""
RENEWED = "session.refreshed.v1"
"""Too many to be told."""


class Actors(Protocol):
    """The read model of members."""

    async def actors(self, tenant: TenantId, ids: Collection[PersonId]) -> Mapping[UUID, Actor]:
        """Members by id; who is none is left out."""
        ...


class Gathered(NamedTuple):
    """One page, and where each context stands after it."""

    lines: Sequence[tuple[str, TrailLine]]
    missing: list[str]
    next: str | None


@dataclass(frozen=True, slots=True)
class Trails:
    """The access log of a person, and the audit for who watches over the clinic."""

    sources: Mapping[str, AuditTrail]
    members: Actors
    emergencies: Emergencies

    async def mine(self, who: Principal, *, word: str | None, limit: int) -> AccessLog:
        """What was done with the caller's data here, and with their account. Raises Malformed for a foreign cursor.

        Of emergency accesses, those that a review let the caller know of.
        """
        known = await self.emergencies.of_patient(who.tenant, who.id)
        sources = {context: Discreet(source, known) for context, source in self.sources.items()}
        sources |= {"account": Discreet(OfAccounts(self.sources["identity"]), known)}
        found = await self._gathered(sources, who.tenant, Sought(subject=who.id), word, limit)
        actors = await self._actors(who, found)
        items = [
            AccessLine(
                at=line.at,
                context=context,
                who=_told(line, who.id, actors),
                roles=actors[line.actor].roles if line.actor in actors else frozenset(),
                what=plain(line.action),
                action=line.action,
                refused=line.outcome != "done" or line.action == REJECTED,
                break_glass=line.break_glass,
            )
            for context, line in found.lines
        ]
        return AccessLog(items=items, missing=found.missing, next=found.next)

    async def all(self, who: Principal, sought: Sought, *, word: str | None, limit: int) -> AuditPage:
        """What was done in the clinic. Raises Malformed for a cursor that is not ours."""
        found = await self._gathered(self.sources, who.tenant, sought, word, limit)
        actors = await self._actors(who, found)
        items = [
            AuditLine(
                at=line.at,
                context=context,
                position=line.position,
                actor=line.actor,
                who=_name(line.actor, actors),
                roles=actors[line.actor].roles if line.actor in actors else frozenset(),
                action=line.action,
                what=plain(line.action),
                subject=line.subject,
                object=line.object,
                outcome=line.outcome,
                break_glass=line.break_glass,
            )
            for context, line in found.lines
        ]
        return AuditPage(items=items, missing=found.missing, next=found.next)

    async def _gathered(
        self, sources: Mapping[str, AuditTrail], tenant: TenantId, sought: Sought, word: str | None, limit: int
    ) -> Gathered:
        """One page. Each context has a place of its own in the cursor: one that was missing goes on where it was."""
        places = (after(word, tuple[dict[str, int]]) or ({},))[0]
        answers = await asyncio.gather(
            *(self._ask(source, tenant, sought, places.get(context), limit + 1) for context, source in sources.items())
        )
        known = dict(zip(sources, answers, strict=True))
        lines = [(context, line) for context, told in known.items() for line in told or ()]
        lines.sort(key=lambda one: (one[1].at, one[0], one[1].position), reverse=True)
        for context, line in lines[:limit]:
            places[context] = min(places.get(context, line.position), line.position)
        missing = [context for context, told in known.items() if told is None]
        return Gathered(lines[:limit], missing, cursor(places) if len(lines) > limit else None)

    async def _ask(
        self, source: AuditTrail, tenant: TenantId, sought: Sought, before: int | None, limit: int
    ) -> list[TrailLine] | None:
        try:
            return await source.lines(tenant=tenant, sought=sought, before=before, limit=limit)
        except Unavailable:
            return None

    async def _actors(self, who: Principal, found: Gathered) -> Mapping[Any, Actor]:
        return await self.members.actors(who.tenant, {line.actor for _, line in found.lines})


@dataclass(frozen=True, slots=True)
class OfAccounts:
    """What happened to accounts, which belong to the region: sign-ins good and failed, factors, sessions that ended."""

    identity: AuditTrail

    async def lines(
        self,
        *,
        tenant: TenantId,  # noqa: ARG002 - one account for all clinics
        sought: Sought,
        before: int | None,
        limit: int,
    ) -> list[TrailLine]:
        """Lines before a position, newest first. Raises Unavailable."""
        wanted = replace(sought, but=RENEWED)
        return await self.identity.lines(tenant=REGION, sought=wanted, before=before, limit=limit)


def _told(line: TrailLine, reader: PersonId, actors: Mapping[Any, Actor]) -> str:
    """Who it was, to the person whose data it is."""
    if line.action in DOUBTFUL:
        return UNPROVED
    return "You" if line.actor == reader else _name(line.actor, actors)


def _name(actor: PersonId, actors: Mapping[Any, Actor]) -> str:
    known = actors.get(actor)
    return known.name if known else NOBODY.get(actor, GONE)
