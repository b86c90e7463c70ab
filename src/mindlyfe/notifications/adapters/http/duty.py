"""Who is on duty when, and now."""

from litestar import Router

from mindlyfe.kernel.errors import Unavailable, VersionConflict
from mindlyfe.kernel.http import get, put
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.notifications.application.duty import DutyRota
from mindlyfe.notifications.contract.escalations import OnDuty, RotaUnsound, RotaView, SetRota, UnknownColleague


def routes(rota: DutyRota) -> Router:
    """`/v1/duty-rota`."""

    @get(needs="duty-rota:read", aal=2)
    async def show_rota(who: Principal) -> RotaView:
        """The clinic's rota: weekly duty by its own clock, covers for once, and who is away."""
        return await rota.of(who.tenant)

    @put(needs="duty-rota:set", aal=2, refuses=(RotaUnsound, UnknownColleague, VersionConflict, Unavailable))
    async def set_rota(data: SetRota, who: Principal, act: Act, expected: int | None) -> RotaView:
        """Replace the rota. Escalations that run call by it from now on."""
        return await rota.set(data, who, act, expected)

    @get("/now", needs="duty-rota:read", aal=2)
    async def on_duty(who: Principal) -> OnDuty:
        """Who would be called now, the first first. When it is nobody, a safety task has nobody to go to."""
        return OnDuty(ladder=await rota.ladder(who.tenant))

    return Router("/v1/duty-rota", route_handlers=[show_rota, set_rota, on_duty], tags=["Escalations"])
