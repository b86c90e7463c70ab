"""Self-service: a lost password, a new password, a new address."""

from litestar import Router

from mindlyfe.identity.application.address_changes import AddressChanges
from mindlyfe.identity.application.password_changes import PasswordChanges
from mindlyfe.identity.application.recoveries import Recoveries
from mindlyfe.identity.contract import Accepted
from mindlyfe.identity.contract.flows import (
    AddressChangeCancelled,
    AddressConfirmed,
    AskRecovery,
    CancelAddressChange,
    ChangeAddress,
    ChangePassword,
    CompleteRecovery,
    ConfirmAddress,
    PasswordRenewed,
)
from mindlyfe.identity.domain.refusals import (
    AddressTaken,
    CodeExpired,
    CodeInvalid,
    CodeUsed,
    WeakPassword,
    WrongPassword,
)
from mindlyfe.kernel.errors import KeyReused, Malformed, NotFound, TooMany
from mindlyfe.kernel.http import PUBLIC, post, put
from mindlyfe.kernel.messages import Act, Principal

STEP_UP_S = 600


def recoveries(recoveries: Recoveries) -> Router:
    """`/v1/recoveries`."""

    @post(needs=PUBLIC, status_code=202, rate_per_s=20, refuses=(Malformed, TooMany, KeyReused))
    async def ask(data: AskRecovery, act: Act) -> Accepted:
        """Have a link sent for a new password. The answer never tells whether the address has an account."""
        return await recoveries.ask(data, act)

    @post(
        "/completion",
        needs=PUBLIC,
        status_code=200,
        rate_per_s=20,
        refuses=(CodeInvalid, CodeExpired, CodeUsed, WeakPassword, KeyReused),
    )
    async def complete(data: CompleteRecovery, act: Act) -> PasswordRenewed:
        """Choose a new password by the code in the mail, once. All sessions end; second factors stay in force."""
        return await recoveries.complete(data, act)

    return Router("/v1/recoveries", route_handlers=[ask, complete], tags=["Recovery"])


def own(passwords: PasswordChanges, changes: AddressChanges) -> Router:
    """`/v1/me/password`, `/v1/me/address-change`."""

    @put(
        "/password",
        needs="me:change",
        status_code=204,
        refuses=(WrongPassword, WeakPassword, TooMany, NotFound, KeyReused),
    )
    async def change_password(data: ChangePassword, who: Principal) -> None:
        """Replace the password, by the current one. All other sessions end; the owner is told by mail."""
        await passwords.change(data, who)

    @post(
        "/address-change",
        needs="me:change",
        status_code=202,
        recent_s=STEP_UP_S,
        refuses=(Malformed, TooMany, NotFound, KeyReused),
    )
    async def change_address(data: ChangeAddress, who: Principal) -> Accepted:
        """Move to another address, once it is proved by the link that goes there; the old address is told."""
        return await changes.ask(data, who)

    return Router("/v1/me", route_handlers=[change_password, change_address], tags=["Me"])


def address_changes(changes: AddressChanges) -> Router:
    """`/v1/address-changes`."""

    @post(
        "/confirmation",
        needs=PUBLIC,
        status_code=200,
        rate_per_s=20,
        refuses=(CodeInvalid, CodeExpired, AddressTaken, KeyReused),
    )
    async def confirm(data: ConfirmAddress, act: Act) -> AddressConfirmed:
        """Prove the new address by the code in the mail; doing so again changes nothing."""
        return await changes.confirm(data, act)

    @post(
        "/cancellation",
        needs=PUBLIC,
        status_code=200,
        rate_per_s=20,
        refuses=(CodeInvalid, CodeExpired, CodeUsed, KeyReused),
    )
    async def cancel(data: CancelAddressChange, act: Act) -> AddressChangeCancelled:
        """Stop a change of address by the code in the mail to the old one; doing so again changes nothing."""
        return await changes.cancel(data, act)

    return Router("/v1/address-changes", route_handlers=[confirm, cancel], tags=["Address"])
