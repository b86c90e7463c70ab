"""A person's copy of what is known of them: asked for, watched, fetched."""

from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract.exports import ExportView
from mindlyfe.identity.domain.export import Export, Requested, fetchable, owned, request
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, NotFound
from mindlyfe.kernel.ids import Ids, derived
from mindlyfe.kernel.messages import ByKey, PersonId, Principal, TenantId
from mindlyfe.kernel.objects import Objects
from mindlyfe.kernel.personal import belongings
from mindlyfe.kernel.secrecy import Keys

type Form = Literal["json", "fhir"]


class ListedExports(Protocol):
    """The read model of exports."""

    async def of(self, tenant: TenantId, person: PersonId) -> list[UUID]:
        """The person's, newest first."""
        ...


def place(tenant: TenantId, person: PersonId, export: UUID, form: Form) -> str:
    """Where a copy lies among the objects: with all else of the person, so that it goes with them."""
    return f"{belongings(tenant, person)}/exports/{export}.{form}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalExports:
    """The caller's own copies."""

    streams: IdentityStreams
    listed: ListedExports
    objects: Objects
    keys: Keys
    contexts: tuple[str, ...]
    clock: Clock
    ids: Ids

    async def request(self, who: Principal) -> ExportView:
        """Ask for a copy; the same Idempotency-Key gives the same one. Raises ExportRuns."""
        once = who.act.once
        export = derived("export", who.tenant, who.id, once.key) if isinstance(once, ByKey) else self.ids()
        wish = Requested(export=export, person=who.id, contexts=self.contexts, at=self.clock())
        await self.streams.exports.decide(who.act, export, lambda state: request(state, wish))
        return await self.one(export, who)

    async def one(self, export: UUID, who: Principal) -> ExportView:
        """One of the caller's own. Raises NotFound."""
        state, version = await self._load(export, who)
        return _view(owned(state, who.id), version)

    async def all(self, who: Principal) -> list[ExportView]:
        """The caller's own, newest first."""
        return [await self.one(export, who) for export in await self.listed.of(who.tenant, who.id)]

    async def fetch(self, export: UUID, form: Form, who: Principal) -> bytes:
        """The copy itself. Raises NotFound, ExportNotReady, ExportExpired, Unavailable."""
        state, _ = await self._load(export, who)
        fetchable(state, who.id, self.clock())
        key = await self.keys.of(who.tenant, who.id)
        return await self.objects.get(place(who.tenant, who.id, export, form), key=key)

    async def _load(self, export: UUID, who: Principal) -> tuple[Export | None, int]:
        try:
            return await self.streams.exports.load(who.tenant, export)
        except Erased:
            raise NotFound from None


def _view(state: Export, version: int) -> ExportView:
    return ExportView(
        id=state.export,
        status=state.status,
        requested_at=state.requested_at,
        contexts_told=list(state.told),
        contexts_awaited=list(state.awaited),
        ready_at=state.ready_at,
        expires_at=state.expires_at,
        version=version,
    )
