"""The audit as people read it: who saw or changed what, and when."""

from typing import Annotated
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import Instant, PersonId, Role

Action = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9.:-]{0,99}$", examples=["profiles.read"])]


class AccessLine(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody saw or changed the reader's data, or tried to."""

    at: Instant
    context: str
    """Which part of the platform says so."""
    who: str
    """Their name, as far as the reader may know it."""
    roles: frozenset[Role]
    """What they are in the clinic now."""
    what: str
    """In plain words."""
    action: str
    refused: bool
    break_glass: bool
    """By an emergency access, which the privacy officer reviews."""


class AccessLog(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first. What the contexts in `missing` know is not in it: ask again with the same cursor."""

    items: list[AccessLine]
    missing: list[str]
    next: str | None


class AuditLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the audit, with ids."""

    at: Instant
    context: str
    position: int
    actor: PersonId
    who: str
    roles: frozenset[Role]
    action: str
    what: str
    subject: PersonId | None
    object: str
    outcome: str
    break_glass: bool


class AuditPage(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first. What the contexts in `missing` know is not in it: ask again with the same cursor."""

    items: list[AuditLine]
    missing: list[str]
    next: str | None


class Actor(msgspec.Struct, frozen=True):
    """Who did something, as a member of the organisation."""

    person: UUID
    name: str
    roles: frozenset[Role]
