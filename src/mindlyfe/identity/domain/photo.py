"""A person's photo in one organisation: which one is shown. What it shows lies among their objects."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError, NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId

MOST_BYTES: Final = 2 * 1024 * 1024


class Changed(Event, frozen=True, kw_only=True, tag="photo.changed.v1"):
    """This one is shown from now on."""

    person: PersonId
    photo: UUID
    at: Instant


class Removed(Event, frozen=True, kw_only=True, tag="photo.removed.v1"):
    """None is shown."""

    person: PersonId
    at: Instant


type Change = Changed | Removed


class Photo(msgspec.Struct, frozen=True, kw_only=True):
    """The photo that is shown, if there is one."""

    person: PersonId
    photo: UUID | None


class BadPicture(DomainError):
    """This is not a picture that can be shown, or it is more than a picture."""

    status = 422
    code = "bad-picture"
    advice = "Send a PNG, JPEG or WebP picture of up to 24 million pixels, saved anew if it came from elsewhere."


def evolve(_: Photo | None, change: Change) -> Photo:
    """The photo after `change`."""
    return Photo(person=change.person, photo=change.photo if isinstance(change, Changed) else None)


def show(state: Photo | None, wish: Changed) -> Sequence[Change]:
    """Show this one; again, nothing."""
    return [] if state and state.photo == wish.photo else [wish]


def remove(state: Photo | None, wish: Removed) -> Sequence[Change]:
    """Show none; again, nothing."""
    return [wish] if state and state.photo else []


def shown(state: Photo | None) -> UUID:
    """The photo that is shown. Raises NotFound."""
    if state is None or state.photo is None:
        raise NotFound
    return state.photo
