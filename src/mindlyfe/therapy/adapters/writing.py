"""Writes appointments as iCalendar (RFC 5545): feeds and invitations.

A series is one event that recurs, with exceptions, under one UID; what its rule cannot say exactly stands for itself.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import icalendar
import msgspec

from mindlyfe.therapy.adapters.zones import vtimezone
from mindlyfe.therapy.contract.calendars import Method
from mindlyfe.therapy.domain.line import GREENWICH, Line, Member, Occurrence, Parties

PRODUCT: Final = "-//MindLyfe//Appointments//EN"
DOMAIN: Final = "mindlyfe"
"""Behind the @ of every UID: the same wherever the platform runs, so that moving it moves no event."""
MARGIN: Final = timedelta(days=2)


def feed(lines: Sequence[Line], *, name: str) -> bytes:
    """All of them in one calendar of this name; the same bytes for the same lines."""
    events: list[icalendar.Event] = []
    for key, group in groupby(sorted(lines, key=_order), key=_series):
        these = list(group)
        events += [_single(each) for each in these] if key is None else _recurring(these)
    return _document(events, lines, name=name)


def invitation(line: Line, parties: Parties, of: Occurrence | None = None) -> tuple[Method, bytes]:
    """What tells a mail program of one appointment (RFC 5546); of a series it was booked in, as that occurrence."""
    event = _event(line, uid(of.series if of else line.id))
    if of:
        event.add("recurrence-id", _when(of.original, line.zone))
    event.add("dtstart", _when(line.starts_at, line.zone))
    event.add("organizer", icalendar.vCalAddress(f"mailto:{parties.organizer}"))
    attendee = icalendar.vCalAddress(f"mailto:{parties.attendee}")
    attendee.params["PARTSTAT"], attendee.params["RSVP"] = "ACCEPTED", "FALSE"
    event.add("attendee", attendee)
    method: Method = "CANCEL" if line.status == "CANCELLED" else "REQUEST"
    return method, _document([event], [line], method=method)


def uid(of: UUID) -> str:
    """Of an appointment or a series: for good."""
    return f"{of}@{DOMAIN}"


def _order(line: Line) -> tuple[str, int, datetime, UUID]:
    return str(_series(line) or ""), line.member.number if line.member else 0, line.starts_at, line.id


def _series(line: Line) -> UUID | None:
    return line.member.series if line.member and line.member.regular else None


def _single(line: Line) -> icalendar.Event:
    event = _event(line, uid(line.id))
    event.add("dtstart", _when(line.starts_at, line.zone))
    return event


def _recurring(lines: Sequence[Line]) -> list[icalendar.Event]:
    """The rule, from the first that is there, and whatever is not as it says."""
    whole, last = _rule(lines), lines[-1].member
    assert last is not None
    there = {line.member.number for line in lines if line.member}
    absent = [number for number in range(min(there), last.number + 1) if number not in there]
    if absent:
        whole.add("exdate", [_wall(last.wall_of(number), last.zone) for number in absent])
    changed = [line for line in lines if _differs(line, lines[0])]
    return [whole, *(_exception(line, line.member) for line in changed if line.member)]


def _rule(lines: Sequence[Line]) -> icalendar.Event:
    of, until = lines[0].member, lines[-1].member
    assert of is not None
    assert until is not None
    newest = max(line.updated_at for line in lines)
    plain = msgspec.structs.replace(lines[0], status="CONFIRMED", sequence=0, updated_at=newest)
    whole = _event(plain, uid(of.series))
    whole.add("dtstart", _wall(of.wall, of.zone))
    weekly = of.every_days % 7 == 0
    rule = (
        {"FREQ": "WEEKLY", "INTERVAL": of.every_days // 7} if weekly else {"FREQ": "DAILY", "INTERVAL": of.every_days}
    )
    whole.add("rrule", rule | {"COUNT": until.number - of.number + 1})
    return whole


def _differs(line: Line, first: Line) -> bool:
    assert line.member is not None
    said = (line.status, line.starts_at, line.minutes, line.summary)
    return said != ("CONFIRMED", line.member.original, first.minutes, first.summary)


def _exception(line: Line, member: Member) -> icalendar.Event:
    event = _event(line, uid(member.series))
    event.add("recurrence-id", _wall(member.wall, member.zone))
    event.add("dtstart", _when(line.starts_at, line.zone))
    return event


def _event(line: Line, of: str) -> icalendar.Event:
    """Everything but when it is. Nothing that it would say of health is in it: no names, no place, no text."""
    event = icalendar.Event()
    event.add("uid", of)
    event.add("dtstamp", line.updated_at.astimezone(UTC))
    event.add("last-modified", line.updated_at.astimezone(UTC))
    event.add("sequence", line.sequence)
    event.add("duration", timedelta(minutes=line.minutes))
    event.add("summary", line.summary)
    event.add("status", line.status)
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT" if line.status == "CANCELLED" else "OPAQUE")
    return event


def _wall(shown: datetime, zone: str) -> datetime:
    return shown.replace(tzinfo=UTC if zone == GREENWICH else ZoneInfo(zone))


def _when(at: datetime, zone: str) -> datetime:
    """By the clocks of the zone, unless they show it a second time: such a text means the first."""
    local = at.astimezone(ZoneInfo(zone))
    return at.astimezone(UTC) if local.fold or zone == GREENWICH else local


def _document(
    events: Iterable[icalendar.Event], lines: Sequence[Line], *, name: str = "", method: Method | None = None
) -> bytes:
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    if method:
        calendar.add("method", method)
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for zone, (since, until) in sorted(_zones(lines).items()):
        calendar.add_component(vtimezone(zone, since, until))
    for event in events:
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _zones(lines: Sequence[Line]) -> dict[str, tuple[date, date]]:
    """Each zone that is named, from the year of its first moment to the end of the year of its last."""
    found: dict[str, list[datetime]] = {}
    for line in lines:
        found.setdefault(line.zone, []).append(line.starts_at)
        if line.member:
            found.setdefault(line.member.zone, []).append(line.member.original)
    found.pop(GREENWICH, None)
    return {
        zone: (date((min(moments) - MARGIN).year, 1, 1), date((max(moments) + MARGIN).year + 1, 1, 1))
        for zone, moments in found.items()
    }
