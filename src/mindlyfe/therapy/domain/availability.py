"""A therapist's hours: weekly windows by the wall clock of a zone, and the rules for publishing them."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from mindlyfe.kernel.messages import Event, PersonId
from mindlyfe.therapy.contract import UnknownZone, WindowsOverlap, WindowTooShort

LONGEST: Final = timedelta(minutes=240)
"""No appointment takes longer."""


class Window(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Open on this ISO weekday, in minutes since midnight: from `opens` until before `closes` (1440: midnight)."""

    weekday: int
    opens: int
    closes: int


class HoursPublished(Event, frozen=True, kw_only=True, tag="availability.hours-published.v1"):
    """From now on the therapist can be met at these times."""

    therapist: PersonId
    zone: str
    windows: tuple[Window, ...]
    minutes: int
    notice_minutes: int
    horizon_days: int


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """The rules in force. A slot takes `minutes` and starts a multiple of it after a window opens."""

    therapist: PersonId
    zone: str
    windows: tuple[Window, ...]
    minutes: int
    notice_minutes: int
    horizon_days: int

    @property
    def length(self) -> timedelta:
        """How long an appointment takes."""
        return timedelta(minutes=self.minutes)

    @property
    def notice(self) -> timedelta:
        """How long before its start a slot can still be booked."""
        return timedelta(minutes=self.notice_minutes)

    @property
    def horizon(self) -> timedelta:
        """How long before its start a slot cannot be booked yet."""
        return timedelta(days=self.horizon_days)


def evolve(_: Hours | None, change: HoursPublished) -> Hours:
    """The hours after a change."""
    return Hours(**msgspec.structs.asdict(change))


def publish(state: Hours | None, wish: HoursPublished) -> Sequence[HoursPublished]:
    """Replace the hours; nothing happens when they are the same.

    Raises UnknownZone, WindowTooShort, WindowsOverlap.
    """
    zone_of(wish.zone)
    windows = tuple(sorted(wish.windows))
    if any(window.closes - window.opens < wish.minutes for window in windows):
        raise WindowTooShort
    if any(one.weekday == next_.weekday and next_.opens < one.closes for one, next_ in pairwise(windows)):
        raise WindowsOverlap
    change = msgspec.structs.replace(wish, windows=windows)
    return [] if state == evolve(None, change) else [change]


def zone_of(name: str) -> ZoneInfo:
    """The time zone. Raises UnknownZone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise UnknownZone(f"there is no time zone {name!r}") from unknown
