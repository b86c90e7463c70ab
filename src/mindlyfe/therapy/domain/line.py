"""A line: one appointment as calendars elsewhere are told of it."""

from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from mindlyfe.therapy.contract import Status

type Standing = Literal["TENTATIVE", "CONFIRMED", "CANCELLED"]

STANDING: Final[dict[Status, Standing]] = {
    "requested": "TENTATIVE",
    "booked": "CONFIRMED",
    "missed": "CONFIRMED",
    "fulfilled": "CONFIRMED",
    "declined": "CANCELLED",
    "cancelled": "CANCELLED",
}
"""What calendars say of it. A time that is only held is in none."""
DISCREET: Final = "Appointment"
"""What a patient's calendar shows: it may lie open on a table, or be shared."""
BUSY: Final = "Busy"
GREENWICH: Final = "UTC"


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """Which occurrence of a series an appointment is."""

    series: UUID
    number: int
    """From 1."""
    original: datetime
    """When it was to start before anybody moved it."""
    first: datetime
    """The start of number 1."""
    every_days: int
    zone: str

    @property
    def wall(self) -> datetime:
        """What the clocks of the zone are to show at its start."""
        return self.wall_of(self.number)

    def wall_of(self, number: int) -> datetime:
        """What they are to show at the start of a number of its series."""
        shown = self.first.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        return shown + timedelta(days=(number - 1) * self.every_days)

    @property
    def regular(self) -> bool:
        """Whether a rule of walls gives its original start: not where clocks skip it, nor when they show it again."""
        shown = self.original.astimezone(ZoneInfo(self.zone))
        return not shown.fold and shown.replace(tzinfo=None) == self.wall


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment as it is written."""

    id: UUID
    starts_at: datetime
    minutes: int
    zone: str
    status: Standing
    sequence: int
    updated_at: datetime
    summary: str
    member: Member | None = None


class Occurrence(msgspec.Struct, frozen=True, kw_only=True):
    """The occurrence as which an appointment was booked: a mail program knows it by that, whatever becomes of it."""

    series: UUID
    original: datetime


class Parties(msgspec.Struct, frozen=True, kw_only=True):
    """Who invites whom: addresses."""

    organizer: str
    attendee: str


def initials(name: str) -> str:
    """`A. K.` of Amina Kaya; BUSY when there are none."""
    letters = [word[0].upper() for word in name.split() if word[0].isalpha()]
    return " ".join(f"{letter}." for letter in letters) or BUSY
