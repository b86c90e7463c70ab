"""Corrections: asked for by a person, decided by staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract.corrections import AskCorrection, CorrectionView, DecideCorrection
from mindlyfe.identity.domain.correction import Asked, ask, decide, existing
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, NotFound
from mindlyfe.kernel.ids import Ids, derived
from mindlyfe.kernel.messages import ByKey, PersonId, Principal, TenantId


class ListedCorrections(Protocol):
    """The read model."""

    async def of(self, tenant: TenantId, person: PersonId | None) -> list[UUID]:
        """The clinic's, or the person's."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalCorrections:
    """What people find wrong."""

    streams: IdentityStreams
    listed: ListedCorrections
    clock: Clock
    ids: Ids

    async def ask(self, c: AskCorrection, who: Principal) -> CorrectionView:
        """Ask for the caller's own record; the same Idempotency-Key asks once."""
        once = who.act.once
        id_ = derived("correction", who.tenant, who.id, once.key) if isinstance(once, ByKey) else self.ids()
        wish = Asked(correction=id_, person=who.id, what=c.what.strip(), words=c.words.strip(), at=self.clock())
        await self.streams.corrections.decide(who.act, id_, lambda state: ask(state, wish))
        return await self._view(who.tenant, id_)

    async def own(self, who: Principal) -> list[CorrectionView]:
        """The caller's."""
        return await self._views(who.tenant, await self.listed.of(who.tenant, who.id))

    async def all(self, who: Principal) -> list[CorrectionView]:
        """The clinic's, those that wait first."""
        return await self._views(who.tenant, await self.listed.of(who.tenant, None))

    async def decide(
        self, correction: UUID, c: DecideCorrection, who: Principal, expected: int | None
    ) -> CorrectionView:
        """Accept or decline. Raises NotFound, OwnCorrection, CorrectionDecided, VersionConflict."""
        status: Literal["accepted", "declined"] = "accepted" if c.decision == "accept" else "declined"
        now = self.clock()
        try:
            await self.streams.corrections.decide(
                who.act,
                correction,
                lambda state: decide(state, status, by=who.id, reason=c.reason.strip(), now=now),
                expected=expected,
            )
        except Erased:
            raise NotFound from None
        return await self._view(who.tenant, correction)

    async def _views(self, tenant: TenantId, ids: Sequence[UUID]) -> list[CorrectionView]:
        found: list[CorrectionView] = []
        for one in ids:
            try:
                found.append(await self._view(tenant, one))
            except Erased:
                continue
        return found

    async def _view(self, tenant: TenantId, correction: UUID) -> CorrectionView:
        state, version = await self.streams.corrections.load(tenant, correction)
        found = existing(state)
        return CorrectionView(
            id=found.correction,
            person=found.person,
            what=found.what,
            words=found.words,
            status=found.status,
            asked_at=found.asked_at,
            reason=found.reason,
            decided_at=found.decided_at,
            version=version,
        )
