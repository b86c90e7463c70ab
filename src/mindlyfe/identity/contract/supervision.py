"""Supervision: who answers for whose work."""

from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import Command, Event, Instant, PersonId


class StartSupervision(Command, frozen=True):
    """A supervisor answers for a clinician from now on."""

    supervisor: PersonId
    clinician: PersonId


class SupervisionSaved(msgspec.Struct, frozen=True):
    """A supervision changed."""

    id: UUID
    version: int


class SupervisionView(msgspec.Struct, frozen=True):
    """A supervision as staff see it."""

    id: UUID
    supervisor: PersonId
    clinician: PersonId
    since: Instant
    until: Instant | None
    version: int


class SupervisionStartedV1(Event, frozen=True, tag="identity.supervision-started.v1"):
    """From `since` on, `supervisor` answers for `clinician`."""

    supervision: UUID
    supervisor: PersonId
    clinician: PersonId
    since: Instant


class SupervisionEndedV1(Event, frozen=True, tag="identity.supervision-ended.v1"):
    """At `until`, it ended."""

    supervision: UUID
    supervisor: PersonId
    clinician: PersonId
    until: Instant
