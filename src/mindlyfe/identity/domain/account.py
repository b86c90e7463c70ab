"""An account: one person's way to sign in within a region, and the organisations they belong to.

Its `epoch` counts changes of password and address: links made in an earlier one open nothing any more.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from mindlyfe.identity.domain.refusals import CodeExpired, NotYourself
from mindlyfe.kernel.errors import DomainError, NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId, TenantId


class NotThisClinicsAlone(DomainError):
    """The account opens more than this clinic, and one clinic does not weaken it for others."""

    status = 409
    code = "not-this-clinics-alone"
    advice = "Ask an operator of the platform, who makes sure of who asks and removes them for every clinic."


class Opened(Event, frozen=True, tag="account.opened.v1"):
    """The address is proved. `password` is its argon2 hash; `organisation` the first one."""

    person: PersonId
    email: str
    password: str
    organisation: TenantId


class Admitted(Event, frozen=True, tag="account.admitted.v1"):
    """The person belongs to another organisation too."""

    organisation: TenantId


class PasswordChanged(Event, frozen=True, tag="account.password-changed.v1"):
    """`password` is the argon2 hash that counts from now on. `recovered`: the one before was lost."""

    password: str
    at: Instant
    recovered: bool = False


class AddressChanged(Event, frozen=True, tag="account.address-changed.v1"):
    """The person is found by this address from now on; they proved it in answer to `ask`."""

    email: str
    ask: UUID
    at: Instant


class Departed(Event, frozen=True, tag="account.departed.v1"):
    """The person does not belong to the organisation any more."""

    organisation: TenantId


class Locked(Event, frozen=True, tag="account.locked.v1"):
    """An operator lets nobody sign in by this account, in the whole region."""

    by: PersonId
    reason: str
    at: Instant


class Unlocked(Event, frozen=True, tag="account.unlocked.v1"):
    """Its owner can sign in again."""

    by: PersonId
    at: Instant


class Closed(Event, frozen=True, tag="account.closed.v1"):
    """The account is over, and its address free; its owner is being erased."""

    person: PersonId


type Change = Opened | Admitted | PasswordChanged | AddressChanged | Departed | Locked | Unlocked | Closed


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Who signs in by what, and where they belong; the first organisation is the default."""

    person: PersonId
    email: str
    password: str
    organisations: tuple[TenantId, ...]
    epoch: int = 0
    lock: Locked | None = None
    closed: bool = False
    last: TenantId | None = None
    """The clinic they left last."""

    @property
    def home(self) -> TenantId:
        """The clinic in whose name we write: their first, and for who left every one, the last. Raises NotFound."""
        clinic = self.organisations[0] if self.organisations else self.last
        if clinic is None:
            raise NotFound
        return clinic


def evolve(state: Account | None, change: Change) -> Account:  # noqa: PLR0911 # one line per event
    """The account after `change`."""
    match change:
        case Opened(person=person, email=email, password=password, organisation=organisation):
            return Account(person=person, email=email, password=password, organisations=(organisation,))
        case Admitted(organisation=organisation):
            account = existing(state)
            return msgspec.structs.replace(account, organisations=(*account.organisations, organisation), last=None)
        case PasswordChanged(password=password):
            account = existing(state)
            return msgspec.structs.replace(account, password=password, epoch=account.epoch + 1)
        case AddressChanged(email=email):
            account = existing(state)
            return msgspec.structs.replace(account, email=email, epoch=account.epoch + 1)
        case Departed(organisation=organisation):
            account = existing(state)
            others = tuple(one for one in account.organisations if one != organisation)
            return msgspec.structs.replace(account, organisations=others, last=organisation)
        case Locked():
            return msgspec.structs.replace(existing(state), lock=change)
        case Unlocked():
            return msgspec.structs.replace(existing(state), lock=None)
        case Closed():
            return msgspec.structs.replace(existing(state), closed=True)


def open_account(state: Account | None, wish: Opened) -> Sequence[Change]:
    """Open it; when it is open, only see to the membership."""
    return [wish] if state is None else admit(state, wish.organisation)


def admit(state: Account | None, organisation: TenantId) -> Sequence[Change]:
    """Note that the person belongs to `organisation`. Raises NotFound for a closed account."""
    if existing(state).closed:
        raise NotFound
    return [] if organisation in existing(state).organisations else [Admitted(organisation=organisation)]


def change_password(state: Account | None, wish: PasswordChanged, *, epoch: int | None = None) -> Sequence[Change]:
    """Replace it. Raises CodeExpired when something changed since `epoch`, NotFound."""
    _unchanged(existing(state), epoch)
    return [wish]


def move(state: Account | None, wish: AddressChanged, *, epoch: int) -> Sequence[Change]:
    """Move to another address; who is there already stays. Raises CodeExpired, NotFound."""
    account = existing(state)
    if account.email == wish.email:
        return []
    _unchanged(account, epoch)
    return [wish]


def _unchanged(account: Account, epoch: int | None) -> None:
    if epoch not in {None, account.epoch}:
        raise CodeExpired


def depart(state: Account | None, organisation: TenantId) -> Sequence[Change]:
    """Note that the person belongs to `organisation` no longer. The account stays: somebody may invite them again."""
    return [Departed(organisation=organisation)] if organisation in existing(state).organisations else []


def lock(state: Account | None, wish: Locked) -> Sequence[Change]:
    """Let nobody sign in; a locked one stays so, with its first reason. Raises NotFound, NotYourself."""
    account = existing(state)
    if account.person == wish.by:
        raise NotYourself
    return [] if account.lock else [wish]


def unlock(state: Account | None, *, by: PersonId, now: datetime) -> Sequence[Change]:
    """Let its owner sign in again. Raises NotFound."""
    return [Unlocked(by=by, at=now)] if existing(state).lock else []


def candidates(account: Account, wanted: TenantId | None) -> tuple[TenantId, ...]:
    """The organisations a session may be for, the best first. None where the person does not belong, or at a lock."""
    if account.lock:
        return ()
    return tuple(one for one in account.organisations if wanted in {None, one})


def of_one_clinic(state: Account | None, organisation: TenantId) -> Account:
    """The account, if it is this clinic's matter alone. Raises NotThisClinicsAlone, NotFound."""
    account = existing(state)
    if set(account.organisations) - {organisation}:
        raise NotThisClinicsAlone
    return account


def close(state: Account | None, organisation: TenantId) -> Sequence[Change]:
    """Leave `organisation`; end the account with the last one. Again, nothing."""
    account = existing(state)
    left = depart(state, organisation)
    others = set(account.organisations) - {organisation}
    return [*left, Closed(person=account.person)] if not others and not account.closed else left


def existing(state: Account | None) -> Account:
    """The account. Raises NotFound."""
    if state is None:
        raise NotFound
    return state
