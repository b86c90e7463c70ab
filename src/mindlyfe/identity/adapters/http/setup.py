"""Opening a clinic by a one-time code."""

from litestar import Router

from mindlyfe.identity.application.organisations import SetUps
from mindlyfe.identity.contract import SetUp, SetUpDone
from mindlyfe.identity.domain.refusals import (
    AddressTaken,
    CodeExpired,
    CodeInvalid,
    CodeUsed,
    UnknownZone,
    WeakPassword,
)
from mindlyfe.kernel.errors import KeyReused
from mindlyfe.kernel.http import PUBLIC, post
from mindlyfe.kernel.messages import Act


def routes(setups: SetUps) -> Router:
    """`/v1/setup`."""

    @post(
        needs=PUBLIC,
        rate_per_s=5,
        refuses=(CodeInvalid, CodeExpired, CodeUsed, AddressTaken, UnknownZone, WeakPassword, KeyReused),
    )
    async def set_up(data: SetUp, act: Act) -> SetUpDone:
        """Open a clinic with its first administrator, by the one-time code that was printed at the start."""
        return await setups.set_up(data, act)

    return Router("/v1/setup", route_handlers=[set_up], tags=["Set-up"])
