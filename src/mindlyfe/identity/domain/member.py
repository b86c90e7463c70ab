"""A member: a person in one organisation, with the roles and the profile they have there."""

from collections.abc import Sequence
from datetime import date

import msgspec

from mindlyfe.identity.contract.commands import Guardian
from mindlyfe.identity.contract.members import Standing
from mindlyfe.identity.domain.details import Details
from mindlyfe.identity.domain.merge_refusals import MergedAway
from mindlyfe.identity.domain.refusals import RoleNotYours
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId, Role


class Joined(Event, frozen=True, tag="member.joined.v1"):
    """The person belongs to the organisation from now on. Staff gives no date of birth."""

    person: PersonId
    name: str
    roles: frozenset[Role]
    zone: str
    locale: str
    at: Instant
    date_of_birth: date | None = None
    guardian: Guardian | None = None


class RolesChanged(Event, frozen=True, tag="member.roles-changed.v1"):
    """All roles from now on, and those before."""

    person: PersonId
    roles: frozenset[Role]
    was: frozenset[Role]


class ProfileChanged(Event, frozen=True, tag="member.profile-changed.v1"):
    """The whole profile."""

    person: PersonId
    name: str
    zone: str
    locale: str
    pronouns: str
    details: Details = Details()


class BirthCorrected(Event, frozen=True, tag="member.birth-corrected.v1"):
    """The date of birth was wrong until now."""

    person: PersonId
    date_of_birth: date
    was: date | None
    reason: str
    by: PersonId


class WhereaboutsConfirmed(Event, frozen=True, tag="member.whereabouts-confirmed.v1"):
    """The person says which country they are in."""

    person: PersonId
    country: str
    at: Instant


class Suspended(Event, frozen=True, tag="member.suspended.v1"):
    """The person may do nothing here until they are reinstated; `roles` are those they keep meanwhile."""

    person: PersonId
    roles: frozenset[Role]
    reason: str
    at: Instant


class Reinstated(Event, frozen=True, tag="member.reinstated.v1"):
    """The person may do again what their roles allow."""

    person: PersonId
    roles: frozenset[Role]
    at: Instant


class Left(Event, frozen=True, tag="member.left.v1"):
    """The person belongs here no longer; `roles` are those they had. `into`: the account this one became."""

    person: PersonId
    roles: frozenset[Role]
    at: Instant
    into: PersonId | None = None


class RegisterEntered(Event, frozen=True, tag="member.register-entered.v1"):
    """What the professional register says of the person: the whole entry."""

    person: PersonId
    profession: str
    licence: str
    valid_until: date | None


type Change = (
    Joined
    | RolesChanged
    | ProfileChanged
    | BirthCorrected
    | WhereaboutsConfirmed
    | Suspended
    | Reinstated
    | Left
    | RegisterEntered
)


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """What the organisation knows of the person."""

    person: PersonId
    name: str
    roles: frozenset[Role]
    zone: str
    locale: str
    date_of_birth: date | None
    pronouns: str = ""
    details: Details = Details()
    country: str | None = None
    country_confirmed_at: Instant | None = None
    standing: Standing = "active"
    reason: str = ""
    """Why they are suspended."""
    register: RegisterEntered | None = None
    merged_into: PersonId | None = None
    """The account of the same patient that this one became."""


def evolve(state: Member | None, change: Change) -> Member:  # noqa: PLR0911 # one line per event
    """The member after `change`."""
    match change:
        case Joined():
            return Member(
                person=change.person,
                name=change.name,
                roles=change.roles,
                zone=change.zone,
                locale=change.locale,
                date_of_birth=change.date_of_birth,
                details=Details(guardian=change.guardian),
            )
        case RolesChanged(roles=roles):
            return msgspec.structs.replace(existing(state), roles=roles)
        case ProfileChanged(name=name, zone=zone, locale=locale, pronouns=pronouns, details=details):
            return msgspec.structs.replace(
                existing(state), name=name, zone=zone, locale=locale, pronouns=pronouns, details=details
            )
        case BirthCorrected(date_of_birth=born):
            return msgspec.structs.replace(existing(state), date_of_birth=born)
        case WhereaboutsConfirmed(country=country, at=at):
            return msgspec.structs.replace(existing(state), country=country, country_confirmed_at=at)
        case Suspended(reason=reason):
            return msgspec.structs.replace(existing(state), standing="suspended", reason=reason)
        case Reinstated():
            return msgspec.structs.replace(existing(state), standing="active", reason="")
        case Left(into=into):
            return msgspec.structs.replace(existing(state), standing="left", reason="", merged_into=into)
        case RegisterEntered():
            return msgspec.structs.replace(existing(state), register=change)


def join(state: Member | None, wish: Joined) -> Sequence[Change]:
    """Join; who belongs already only gets the roles they lack, who left begins anew. Raises MergedAway."""
    joinable(state)
    return [wish] if state is None or state.standing == "left" else assign(state, state.roles | wish.roles)


def joinable(state: Member | None) -> None:
    """Whoever's account became another one joins by that alone. Raises MergedAway."""
    if state is not None and state.merged_into is not None:
        raise MergedAway


def assign(state: Member | None, roles: frozenset[Role]) -> Sequence[Change]:
    """Give exactly these roles. Raises NotFound."""
    member = belonging(state)
    return [] if roles == member.roles else [RolesChanged(person=member.person, roles=roles, was=member.roles)]


def describe(state: Member | None, wish: ProfileChanged) -> Sequence[Change]:
    """Replace the profile. Raises NotFound."""
    member = existing(state)
    return [] if wish == profile_of(member) else [wish]


def profile_of(member: Member) -> ProfileChanged:
    """The profile as it is, in the words by which it is replaced."""
    return ProfileChanged(
        person=member.person,
        name=member.name,
        zone=member.zone,
        locale=member.locale,
        pronouns=member.pronouns,
        details=member.details,
    )


def givable(roles: frozenset[Role], *, by: frozenset[Role], kept: frozenset[Role] = frozenset()) -> frozenset[Role]:
    """The roles, if somebody with the roles `by` may give them to one who has `kept`. Raises RoleNotYours.

    Taking `operator` away is a change beyond a clinic's administrator as well.
    """
    changed = roles ^ kept
    if "service" in changed or ("operator" in changed and "operator" not in by):
        raise RoleNotYours
    return roles


def belonging(state: Member | None) -> Member:
    """The member, unless they left. Raises NotFound."""
    if state is None or state.standing == "left":
        raise NotFound
    return state


def existing(state: Member | None) -> Member:
    """The member, past ones too. Raises NotFound."""
    if state is None:
        raise NotFound
    return state
