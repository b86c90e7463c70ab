"""Who is on duty in a clinic."""

from dataclasses import dataclass
from uuid import UUID

from mindlyfe.identity.contract import Recipients
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import Act, PersonId, Principal, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.notifications.contract.escalations import RotaView, SetRota, UnknownColleague
from mindlyfe.notifications.domain.rota import NOBODY, Rota, RotaSet, ladder, people, set_rota


@dataclass(frozen=True, slots=True)
class DutyRota:
    """One rota per clinic."""

    streams: Streams[Rota, RotaSet]
    recipients: Recipients
    clock: Clock

    async def of(self, tenant: TenantId) -> RotaView:
        """The clinic's; version 0 and nobody, before it was set."""
        state, version = await self.streams.load(tenant, _stream(tenant))
        rota = state or NOBODY
        return RotaView(zone=rota.zone, weekly=rota.weekly, covers=rota.covers, away=rota.away, version=version)

    async def ladder(self, tenant: TenantId) -> list[PersonId]:
        """Who is called now, the first first. Raises Unavailable."""
        state, _ = await self.streams.load(tenant, _stream(tenant))
        return ladder(state or NOBODY, self.clock())

    async def set(self, command: SetRota, who: Principal, act: Act, expected: int | None) -> RotaView:
        """Replace it. Raises RotaUnsound, UnknownColleague, VersionConflict, Unavailable."""
        wish = RotaSet(
            zone=command.zone,
            weekly=command.weekly,
            covers=command.covers,
            away=command.away,
            by=who.id,
            at=self.clock(),
        )
        set_rota(None, wish)
        for person in people(wish):
            try:
                await self.recipients.contact(tenant=who.tenant, person=person)
            except NotFound as unknown:
                raise UnknownColleague from unknown
        await self.streams.decide(act, _stream(who.tenant), lambda state: set_rota(state, wish), expected=expected)
        return await self.of(who.tenant)


def _stream(tenant: TenantId) -> UUID:
    return derived("rota", tenant)
