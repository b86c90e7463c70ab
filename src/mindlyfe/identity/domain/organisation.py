"""An organisation: a clinic with its zone, language and the links by which patients may register."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from mindlyfe.identity.domain.refusals import CodeExpired
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Event

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


type Change = Founded | LinkOpened | LinkClosed


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """A clinic."""

    name: str
    zone: str
    locale: str
    region: str
    minimum_age: int
    links: tuple[UUID, ...] = ()
    """Open ones, oldest first."""


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
