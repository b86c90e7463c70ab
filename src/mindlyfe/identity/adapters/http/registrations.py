"""Registration and the proof of an address."""

from litestar import Router

from mindlyfe.identity.application.registrations import Registrations
from mindlyfe.identity.contract import Accepted, Register, Verified, Verify
from mindlyfe.identity.contract.answers import RegistrationCancelled
from mindlyfe.identity.contract.commands import CancelRegistration
from mindlyfe.identity.domain.profile_refusals import GuardianNeeded, UnknownPhone
from mindlyfe.identity.domain.refusals import (
    AddressTaken,
    CodeExpired,
    CodeInvalid,
    CodeUsed,
    ImpossibleBirth,
    RegistrationPaused,
    TooYoung,
    UnknownZone,
    WeakPassword,
)
from mindlyfe.identity.domain.registration import VerificationFailed
from mindlyfe.kernel.errors import KeyReused
from mindlyfe.kernel.http import PUBLIC, post
from mindlyfe.kernel.messages import Act


def routes(registrations: Registrations) -> Router:
    """`/v1/registrations`."""

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

    return Router("/v1", route_handlers=[register], tags=["Registration"])


def answers(registrations: Registrations) -> Router:
    """What the owner of the address does with the mail: `/v1/verifications`, `/v1/registrations/cancellation`."""

    @post(
        "/verifications",
        needs=PUBLIC,
        status_code=200,
        rate_per_s=20,
        refuses=(VerificationFailed, CodeExpired, AddressTaken, KeyReused),
    )
    async def verify(data: Verify, act: Act) -> Verified:
        """Prove an address by the code in the mail and the password of the registration; again, nothing changes.

        Who holds only one of the two gets no account. Ten wrong passwords end the registration.
        """
        return await registrations.verify(data, act)

    @post(
        "/registrations/cancellation",
        needs=PUBLIC,
        status_code=200,
        rate_per_s=20,
        refuses=(CodeInvalid, CodeUsed, KeyReused),
    )
    async def cancel(data: CancelRegistration, act: Act) -> RegistrationCancelled:
        """Say by the code in the mail that it was somebody else who registered; what they gave is deleted."""
        return await registrations.cancel(data, act)

    return Router("/v1", route_handlers=[verify, cancel], tags=["Registration"])
