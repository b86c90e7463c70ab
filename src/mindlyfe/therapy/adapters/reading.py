"""Reads busy times out of an iCalendar document. A stranger wrote it: it is read in a process of its own, with limits.

`python -m mindlyfe.therapy.adapters.reading` takes the task as a line of JSON and then the document, and answers JSON.
"""

import asyncio
import resource
import sys
from datetime import date, datetime, timedelta
from typing import Any, Final

import icalendar
import msgspec
import recurring_ical_events  # type: ignore[import-untyped]

from mindlyfe.therapy.application.ports import FeedFailed
from mindlyfe.therapy.contract.feeds import Trouble
from mindlyfe.therapy.domain.availability import zone_of
from mindlyfe.therapy.domain.clocks import clocks_of, instant, numbered, seconds
from mindlyfe.therapy.domain.slots import Stretch, merged

CPU_S: Final = 10
LONGEST_S: Final = 30.0
MEMORY_BYTES: Final = 1024 * 1024 * 1024
MOST: Final = 20_000
DAY: Final = timedelta(days=1)
TOO_OFTEN: Final = {"SECONDLY", "MINUTELY"}


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """How to read: by which zone, of which time (seconds since 1970)."""

    zone: str
    all_day_busy: bool
    since: int
    until: int


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What was read, or why not."""

    busy: list[Stretch] = []
    trouble: Trouble | None = None


def busy_of(document: bytes, task: Task) -> list[Stretch]:
    """The busy times, in order, none touching another. Raises FeedFailed."""
    try:
        calendar = icalendar.Calendar.from_ical(document)
    except Exception as wrong:  # whatever a stranger's document makes the parser raise
        raise FeedFailed("not-a-calendar") from wrong
    if calendar.name != "VCALENDAR":
        raise FeedFailed("not-a-calendar")
    for event in calendar.walk("VEVENT"):
        if any(str(often).upper() in TOO_OFTEN for often in _rule(event).get("FREQ", [])):
            raise FeedFailed("too-much")
    # A day more on either side: what has no zone is compared by the wall.
    between = instant(task.since) - DAY, instant(task.until) + DAY
    try:
        events = recurring_ical_events.of(calendar, skip_bad_series=True).between(*between)
        found = [stretch for event in events if (stretch := _stretch(event, task)) is not None]
    except Exception as wrong:  # as above
        raise FeedFailed("not-a-calendar") from wrong
    joined = merged(found)
    if len(joined) > MOST:
        raise FeedFailed("too-much")
    return joined


def _rule(event: Any) -> dict[str, Any]:
    rule = event.get("RRULE", {})
    return rule if isinstance(rule, dict) else {}


def _stretch(event: Any, task: Task) -> Stretch | None:
    """When the event takes its owner's time, if it does."""
    if str(event.get("STATUS", "")).upper() == "CANCELLED" or str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
        return None
    if str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == "FREE":
        return None
    begins, ends = event["DTSTART"].dt, event["DTEND"].dt
    if not isinstance(begins, datetime) and not task.all_day_busy:
        return None
    stretch = _moment(begins, task.zone, 0), _moment(ends, task.zone, 1)
    inside = stretch[0] < stretch[1] and stretch[0] < task.until and stretch[1] > task.since
    return stretch if inside else None


def _moment(at: date, zone: str, fold: int) -> int:
    """Seconds since 1970. What has no zone is by the feed's; shown twice, it takes the longer time."""
    if not isinstance(at, datetime):
        return clocks_of(zone_of(zone)).moment(numbered(at), 0)
    return seconds(at if at.tzinfo else at.replace(tzinfo=zone_of(zone), fold=fold))


async def read(document: bytes, zone: str, since: int, until: int, *, all_day_busy: bool) -> list[Stretch]:
    """Read it in a process of its own. Raises FeedFailed."""
    task = Task(zone=zone, all_day_busy=all_day_busy, since=since, until=until)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mindlyfe.therapy.adapters.reading"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PYTHONHASHSEED": "0"},
    )
    try:
        async with asyncio.timeout(LONGEST_S):
            out, _ = await child.communicate(msgspec.json.encode(task) + b"\n" + document)
        told = msgspec.json.decode(out, type=Told)
    except (TimeoutError, msgspec.MsgspecError) as lost:
        raise FeedFailed("too-much") from lost
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if told.trouble is not None:
        raise FeedFailed(told.trouble)
    return told.busy


def main() -> None:
    """The child: limited, and then it reads."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    task = msgspec.json.decode(sys.stdin.buffer.readline(), type=Task)
    try:
        told = Told(busy=busy_of(sys.stdin.buffer.read(), task))
    except FeedFailed as failed:
        told = Told(trouble=failed.trouble)
    sys.stdout.buffer.write(msgspec.json.encode(told))


if __name__ == "__main__":
    main()
