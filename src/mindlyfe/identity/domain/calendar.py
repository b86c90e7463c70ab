"""Zones and ages."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from mindlyfe.identity.domain.refusals import ImpossibleBirth, TooYoung, UnknownZone

OLDEST = 130


def known_zone(zone: str) -> str:
    """The zone, if it is one. Raises UnknownZone."""
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError):
        raise UnknownZone from None
    return zone


def old_enough(born: date, *, minimum: int, zone: str, now: datetime) -> date:
    """The date of birth, if its bearer has had their `minimum`-th birthday in `zone`.

    Raises ImpossibleBirth, TooYoung.
    """
    today = now.astimezone(ZoneInfo(zone)).date()
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if not 0 <= age <= OLDEST:
        raise ImpossibleBirth
    if age < minimum:
        raise TooYoung
    return born
