"""Appointments in calendars elsewhere: subscriptions by a secret address, and invitations by mail."""

from typing import Annotated, Literal, Protocol

import msgspec

from mindlyfe.kernel.messages import Command, Instant, PersonId, TenantId
from mindlyfe.therapy.contract import AppointmentId

type Method = Literal["REQUEST", "CANCEL"]
type Shows = Annotated[
    Literal["busy", "initials"],
    msgspec.Meta(description="What stands at a therapist's appointments: `busy`, or the patient's initials."),
]


class ShowInCalendar(Command, frozen=True):
    """What the caller's subscription says of patients. A patient's own appointments always are \"Appointment\"."""

    shows: Shows


class SubscriptionSaved(msgspec.Struct, frozen=True, kw_only=True):
    """The address, this once: who has it reads the calendar without signing in."""

    url: Annotated[str, msgspec.Meta(examples=["https://clinic.example/v1/calendars/pN0u…c.ics"])]
    version: int


class SubscriptionView(msgspec.Struct, frozen=True, kw_only=True):
    """Whether calendar apps read the caller's appointments, by which address nobody can say."""

    since: Instant | None
    """When the address that counts was made; null: there is none."""
    shows: Shows
    version: int


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """An iCalendar document that tells a mail program of an appointment: that it is, moved, or is cancelled."""

    method: Method
    body: str


class Invitations(Protocol):
    """What may be asked for mail."""

    async def invitation(
        self, *, tenant: TenantId, appointment: AppointmentId, person: PersonId, organizer: str, attendee: str
    ) -> Invitation:
        """What tells a person's mail program of an appointment of theirs as it stands; both addresses are without
        `mailto:`. Says neither who they meet, nor where, nor why. Who met the patient before it went to a colleague is
        told that it is cancelled. Raises NotFound when they take no part in it."""
        ...
