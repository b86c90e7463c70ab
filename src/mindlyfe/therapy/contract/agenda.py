"""A day: who is met, what waits for an answer, what is outstanding. By ids; names are asked from identity."""

from datetime import date
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import Instant, PersonId
from mindlyfe.therapy.contract import AppointmentId, Kind, RoomId, Status
from mindlyfe.therapy.contract.encounters import Stage
from mindlyfe.therapy.contract.holds import OfferView
from mindlyfe.therapy.contract.notes import NoteEntry


class AgendaEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment, and how far it has come."""

    id: AppointmentId
    patient: PersonId | None
    """Null: a session of a group."""
    therapist: PersonId
    starts_at: Instant
    minutes: int
    kind: Kind | None
    """Null when its schedule is closed."""
    room: RoomId | None
    status: Status
    lapses_at: Instant | None
    """Until when a request is answered."""
    encounter: Stage | None
    """Whether they have arrived, are in session, or are done; null: nothing has happened."""


class NoteOutstanding(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment that is over, of which its therapist has signed no note."""

    appointment: AppointmentId
    patient: PersonId
    ended_at: Instant
    draft: UUID | None
    """The note that was begun."""


class ClinicDay(msgspec.Struct, frozen=True, kw_only=True):
    """The clinic's day: from `since` until before `until`, the date by the clocks of `zone`. Nothing is clinical."""

    day: date
    zone: str
    since: Instant
    until: Instant
    appointments: list[AgendaEntry]
    """Of the day, soonest first; cancelled and declined ones are left out."""
    requests: list[AgendaEntry]
    """Of any day, that wait for an answer; soonest lapsing first."""
    offers: list[OfferView]
    """Slots that are kept for people who wait; soonest over first."""


class TherapistDay(ClinicDay, frozen=True, kw_only=True):
    """A therapist's own day."""

    notes_outstanding: list[NoteOutstanding]
    """Of the last 60 days, oldest first."""
    to_cosign: list[NoteEntry]
    """Notes of clinicians whom the caller supervises that wait for a co-signature, newest first, 50 at most."""
