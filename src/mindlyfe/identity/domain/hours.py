"""When a clinic is open: weekly hours by its wall clock, but not on holidays, nor while it is closed for once."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from mindlyfe.identity.contract.organisations import Closure, Holiday, Opening
from mindlyfe.identity.domain.refusals import ImpossibleHours


def open_at(
    at: datetime, *, zone: str, hours: Sequence[Opening], holidays: Sequence[Holiday], closures: Sequence[Closure]
) -> bool:
    """Whether it is open at this instant.

    The wall clock decides: an hour that it skips is never open, one that it shows twice is open both times.
    """
    if any(closed.from_ <= at < closed.to for closed in closures):
        return False
    local = at.astimezone(ZoneInfo(zone))
    if any(holiday.on == local.date() for holiday in holidays):
        return False
    clock = f"{local:%H:%M}"
    return any(one.weekday == local.isoweekday() and one.from_ <= clock < one.to for one in hours)


def possible(hours: Sequence[Opening], closures: Sequence[Closure]) -> None:
    """Raises ImpossibleHours when one ends before it begins, or two of a day overlap."""
    for one in hours:
        if one.from_ >= one.to:
            raise ImpossibleHours
    ordered = sorted(hours, key=lambda one: (one.weekday, one.from_))
    for one, following in pairwise(ordered):
        if one.weekday == following.weekday and following.from_ < one.to:
            raise ImpossibleHours
    if any(closed.from_ >= closed.to for closed in closures):
        raise ImpossibleHours
