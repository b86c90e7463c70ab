"""Registration and the proof of an address."""

from litestar import Router

from mindlyfe.identity.application.registrations import Registrations
from mindlyfe.identity.contract import Accepted, Register, Verified, Verify
from mindlyfe.identity.domain.profile_refusals import GuardianNeeded, UnknownPhone
from mindlyfe.identity.domain.refusals import (
    AddressTaken,
    CodeExpired,
    CodeInvalid,
    ImpossibleBirth,
    RegistrationPaused,
    TooYoung,
    UnknownZone,
    WeakPassword,
)
from mindlyfe.kernel.errors import KeyReused
from mindlyfe.kernel.http import PUBLIC, post
from mindlyfe.kernel.messages import Act


def routes(registrations: Registrations) -> Router:
    """`/v1/registrations`, `/v1/verifications`."""

    @post(
        "/registrations",
        needs=PUBLIC,
        status_code=202,
        rate_per_s=20,
        refuses=(
            CodeInvalid,
            CodeExpired,
            RegistrationPaused,
            UnknownZone,
            ImpossibleBirth,
            TooYoung,
            GuardianNeeded,
            UnknownPhone,
            WeakPassword,
            KeyReused,
        ),
    )
    async def register(data: Register, act: Act) -> Accepted:
        """Ask to join a clinic as a patient. The answer never tells whether the address has an account."""
        return await registrations.register(data, act)

    @post(
        "/verifications",
        needs=PUBLIC,
        status_code=200,
        rate_per_s=50,
        refuses=(CodeInvalid, CodeExpired, AddressTaken, KeyReused),
    )
    async def verify(data: Verify, act: Act) -> Verified:
        """Prove an address by the code in the mail; doing so again changes nothing."""
        return await registrations.verify(data, act)

    return Router("/v1", route_handlers=[register, verify], tags=["Registration"])
