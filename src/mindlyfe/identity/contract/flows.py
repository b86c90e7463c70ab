"""Self-service: a lost password, a new password, a new address. What is asked, answered and told."""

from typing import Literal
from uuid import UUID

import msgspec

from mindlyfe.identity.contract.commands import Code, Email, Password
from mindlyfe.kernel.messages import Command, Event, PersonId


class AskRecovery(Command, frozen=True):
    """The password is lost: have a link sent to the address of the account."""

    email: Email


class CompleteRecovery(Command, frozen=True):
    """Choose a new password by the code in the mail. It works once, within the hour."""

    code: Code
    password: Password


class ChangePassword(Command, frozen=True):
    """Replace the caller's password; the current one is asked for again."""

    current_password: Password
    new_password: Password


class ChangeAddress(Command, frozen=True):
    """Move the caller's account to another address, once its owner has proved it."""

    email: Email


class ConfirmAddress(Command, frozen=True):
    """Prove the new address by the code in the mail. Doing so twice changes nothing."""

    code: Code


class CancelAddressChange(Command, frozen=True):
    """Stop a change of address by the code in the mail to the old one."""

    code: Code


class PasswordRenewed(msgspec.Struct, frozen=True):
    """The new password counts, and all sessions are over: sign in."""

    status: Literal["renewed"] = "renewed"


class AddressConfirmed(msgspec.Struct, frozen=True):
    """The account is found by the new address."""

    status: Literal["changed"] = "changed"


class AddressChangeCancelled(msgspec.Struct, frozen=True):
    """The account stays at the address it had."""

    status: Literal["cancelled"] = "cancelled"


class RecoveryAskedV1(Event, frozen=True, tag="identity.recovery-asked.v1"):
    """Somebody lost the password of this person's account, or says so."""

    person: PersonId


class PasswordChangedV1(Event, frozen=True, tag="identity.password-changed.v1"):
    """A password was replaced; the owner is told."""

    person: PersonId


class AddressChangeAskedV1(Event, frozen=True, tag="identity.address-change-asked.v1"):
    """A person wants to move to another address. `owner` has an account by it already, and is told instead."""

    person: PersonId
    ask: UUID
    owner: PersonId | None = None


class AddressChangedV1(Event, frozen=True, tag="identity.address-changed.v1"):
    """A person moved to another address; the old one is told."""

    person: PersonId
    ask: UUID
