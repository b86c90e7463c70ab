"""Accounts as operators see and lock them, for the whole region."""

import msgspec

from mindlyfe.identity.contract.commands import Email
from mindlyfe.identity.contract.members import Reason
from mindlyfe.kernel.messages import Command, Instant, PersonId, TenantId


class LockAccount(Command, frozen=True):
    """Let nobody sign in by an account."""

    reason: Reason


class FindAccount(Command, frozen=True):
    """Whose account an address is."""

    email: Email


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """An account, without its address: where its owner belongs, and whether and why it is locked."""

    person: PersonId
    organisations: tuple[TenantId, ...]
    locked_at: Instant | None
    reason: str
    version: int


class AccountSaved(msgspec.Struct, frozen=True):
    """An account changed."""

    person: PersonId
    version: int
