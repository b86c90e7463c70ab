"""What is written of a zone: when its clocks are set, by the clocks before."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.therapy.domain.walking import CHANGES

from mindlyfe.therapy.adapters.zones import vtimezone

MINUTE = timedelta(minutes=1)
SINCE, UNTIL = date(2023, 1, 1), date(2027, 1, 1)


def onsets(zone: str) -> Iterator[tuple[datetime, timedelta, timedelta]]:
    """The moments of a written zone (RFC 5545: local, by the offset before), and the offsets before and after."""
    written: Any = vtimezone(zone, SINCE, UNTIL)
    for each in written.subcomponents:
        before, after = each["TZOFFSETFROM"].td, each["TZOFFSETTO"].td
        later = each["RDATE"].dts if "RDATE" in each else []
        for local in (each["DTSTART"].dt, *(one.dt for one in later)):
            yield (local - before).replace(tzinfo=UTC), before, after


@pytest.mark.parametrize("zone", sorted(CHANGES.keys() - {"UTC"}))
def test_every_change_is_there_to_the_minute_and_nothing_else(zone: str) -> None:
    known, at = ZoneInfo(zone), datetime(2023, 1, 1, tzinfo=UTC)
    changes: dict[datetime, tuple[timedelta | None, timedelta | None]] = {}
    while at < datetime(2027, 1, 1, tzinfo=UTC):
        before, after = (moment.astimezone(known).utcoffset() for moment in (at - 15 * MINUTE, at))
        if before != after:
            changes[at] = (before, after)
        at += 15 * MINUTE
    first, *rest = sorted(onsets(zone))
    assert first[0] == datetime(2023, 1, 1, tzinfo=UTC)
    assert {at: (before, after) for at, before, after in rest} == changes


def test_summer_and_winter_are_called_so() -> None:
    written: Any = vtimezone("Europe/London", SINCE, UNTIL)
    assert {each.name: str(each["TZNAME"]) for each in written.subcomponents} == {"STANDARD": "GMT", "DAYLIGHT": "BST"}
