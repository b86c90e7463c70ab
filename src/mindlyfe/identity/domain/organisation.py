"""An organisation: a clinic with its zone, language and the links by which patients may register."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from mindlyfe.identity.contract.organisations import Closure, Holiday, Line, Opening
from mindlyfe.identity.domain.refusals import CodeExpired
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Event, PersonId

MINIMUM_AGE: Final = 18


class Founded(Event, frozen=True, tag="organisation.founded.v1"):
    """The clinic is open, for nobody but its administrator. `region` is its home."""

    name: str
    zone: str
    locale: str
    region: str
    minimum_age: int = MINIMUM_AGE


class LinkOpened(Event, frozen=True, tag="organisation.link-opened.v1"):
    """Whoever holds this link may register."""

    link: UUID


class LinkClosed(Event, frozen=True, tag="organisation.link-closed.v1"):
    """Nobody may register by this link any more."""

    link: UUID


class Described(Event, frozen=True, tag="organisation.described.v1"):
    """All that administrators say of the clinic."""

    name: str
    zone: str
    locale: str
    jurisdiction: str
    hours: tuple[Opening, ...]
    holidays: tuple[Holiday, ...]
    closures: tuple[Closure, ...]
    lines: tuple[Line, ...]


class AgeProposed(Event, frozen=True, tag="organisation.age-proposed.v1"):
    """One administrator wants a lower minimum age; the newest proposal counts."""

    minimum_age: int
    by: PersonId


class AgeChanged(Event, frozen=True, tag="organisation.age-changed.v1"):
    """From now on the clinic treats people from this age; a lower one took two people."""

    minimum_age: int
    by: PersonId
    proposed_by: PersonId | None = None


type Change = Founded | LinkOpened | LinkClosed | Described | AgeProposed | AgeChanged


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """A clinic."""

    name: str
    zone: str
    locale: str
    region: str
    minimum_age: int
    links: tuple[UUID, ...] = ()
    """Open ones, oldest first."""
    description: Described | None = None
    proposal: AgeProposed | None = None


def evolve(state: Organisation | None, change: Change) -> Organisation:
    """The organisation after `change`."""
    match change:
        case Founded(name=name, zone=zone, locale=locale, region=region, minimum_age=age):
            return Organisation(name=name, zone=zone, locale=locale, region=region, minimum_age=age)
        case LinkOpened(link=link):
            return msgspec.structs.replace(existing(state), links=(*existing(state).links, link))
        case LinkClosed(link=link):
            links = tuple(one for one in existing(state).links if one != link)
            return msgspec.structs.replace(existing(state), links=links)
        case Described(name=name, zone=zone, locale=locale):
            return msgspec.structs.replace(existing(state), name=name, zone=zone, locale=locale, description=change)
        case AgeProposed():
            return msgspec.structs.replace(existing(state), proposal=change)
        case AgeChanged(minimum_age=age):
            return msgspec.structs.replace(existing(state), minimum_age=age, proposal=None)


def found(state: Organisation | None, wish: Founded) -> Sequence[Change]:
    """Open the clinic, once."""
    return [] if state else [wish]


def open_link(state: Organisation | None, link: UUID) -> Sequence[Change]:
    """Let people register by `link`."""
    return [] if link in existing(state).links else [LinkOpened(link=link)]


def close_link(state: Organisation | None, link: UUID) -> Sequence[Change]:
    """Let nobody register by `link` any more. Raises NotFound for one that is not open."""
    if link not in existing(state).links:
        raise NotFound
    return [LinkClosed(link=link)]


def joinable(state: Organisation | None, link: UUID) -> Organisation:
    """The clinic, if `link` is open. Raises CodeExpired."""
    if state is None or link not in state.links:
        raise CodeExpired
    return state


def existing(state: Organisation | None) -> Organisation:
    """The organisation. Raises NotFound."""
    if state is None:
        raise NotFound
    return state
