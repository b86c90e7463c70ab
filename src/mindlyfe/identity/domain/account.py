"""An account: one person's way to sign in within a region, and the organisations they belong to."""

from collections.abc import Sequence

import msgspec

from mindlyfe.identity.domain.refusals import SignInFailed
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Event, PersonId, TenantId


class Opened(Event, frozen=True, tag="account.opened.v1"):
    """The address is proved. `password` is its argon2 hash; `organisation` the first one."""

    person: PersonId
    email: str
    password: str
    organisation: TenantId


class Admitted(Event, frozen=True, tag="account.admitted.v1"):
    """The person belongs to another organisation too."""

    organisation: TenantId


type Change = Opened | Admitted


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Who signs in by what, and where they belong; the first organisation is the default."""

    person: PersonId
    email: str
    password: str
    organisations: tuple[TenantId, ...]


def evolve(state: Account | None, change: Change) -> Account:
    """The account after `change`."""
    match change:
        case Opened(person=person, email=email, password=password, organisation=organisation):
            return Account(person=person, email=email, password=password, organisations=(organisation,))
        case Admitted(organisation=organisation):
            account = existing(state)
            return msgspec.structs.replace(account, organisations=(*account.organisations, organisation))


def open_account(state: Account | None, wish: Opened) -> Sequence[Change]:
    """Open it; when it is open, only see to the membership."""
    return [wish] if state is None else admit(state, wish.organisation)


def admit(state: Account | None, organisation: TenantId) -> Sequence[Change]:
    """Note that the person belongs to `organisation`."""
    return [] if organisation in existing(state).organisations else [Admitted(organisation=organisation)]


def chosen(account: Account, organisation: TenantId | None) -> TenantId:
    """The organisation a session is for. Raises SignInFailed for one the person does not belong to."""
    if organisation is None:
        return account.organisations[0]
    if organisation not in account.organisations:
        raise SignInFailed
    return organisation


def existing(state: Account | None) -> Account:
    """The account. Raises NotFound."""
    if state is None:
        raise NotFound
    return state
