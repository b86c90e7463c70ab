"""Clocks: their order, zones that were never there, and rules that change under published hours."""

import struct
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.therapy.domain.walking import CHANGES, DAY, LONG_AGO, available, schedule_of, walked

from mindlyfe.therapy.domain.availability import Window, zone_of
from mindlyfe.therapy.domain.clocks import clocks_of, instant, numbered
from mindlyfe.therapy.domain.slots import FREE, free, search

DATABASE = Path(str(files("tzdata") / "zoneinfo"))
NAME = "Invented/Zone"


@given(st.sampled_from(sorted(CHANGES)), st.integers(-3, 3), st.integers(0, 1440), st.integers(0, 1440))
def test_moments_are_in_the_order_of_the_wall_clock(zone: str, shift: int, one: int, other: int) -> None:
    day, clocks = numbered(CHANGES[zone][0]) + shift, clocks_of(ZoneInfo(zone))
    low, high = sorted((one, other))
    assert clocks.moment(day, low) <= clocks.moment(day, high)
    assert clocks.moment(day, 1440) == clocks.moment(day + 1, 0)


@given(st.sampled_from(sorted(CHANGES)), st.integers(-200_000, 200_000))
def test_a_moment_belongs_to_the_day_that_began_last(zone: str, shift: int) -> None:
    clocks = clocks_of(ZoneInfo(zone))
    at = numbered(CHANGES[zone][0]) * 86_400 + shift
    day = clocks.day_of(at)
    assert clocks.moment(day, 0) <= at < clocks.moment(day + 1, 0)


def test_no_zone_changes_its_clocks_twice_within_two_days() -> None:
    """What `Clocks.steady` rests on, for every zone of the database since 1970."""
    nearest = min(_pauses())
    assert nearest > 2 * 86_400


def _pauses() -> Iterator[int]:
    for path in (DATABASE).rglob("*"):
        if path.is_file() and path.read_bytes()[:4] == b"TZif":
            changes = [at for at in _changes(path.read_bytes()) if at > 0]
            yield from (b - a for a, b in pairwise(changes))


def _changes(data: bytes) -> list[int]:
    """When offsets change, from the second block of a TZif file (RFC 9636)."""
    utc, std, leap, times, types, chars = struct.unpack(">6l", data[20:44])
    start = 44 + times * 5 + types * 6 + chars + leap * 8 + std + utc
    _, _, _, times, types, _ = struct.unpack(">6l", data[start + 20 : start + 44])
    at = start + 44
    moments = struct.unpack(f">{times}q", data[at : at + 8 * times])
    kinds = data[at + 8 * times : at + 9 * times]
    offsets = [struct.unpack(">l", data[at + 9 * times + 6 * n :][:4])[0] for n in range(types)]
    pairs = [(moment, offsets[kind]) for moment, kind in zip(moments, kinds, strict=True)]
    return [b[0] for a, b in pairwise(pairs) if a[1] != b[1]]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A time zone database of our own in front of the system's."""
    folder = tmp_path_factory.mktemp("zones")
    (folder / "Invented").mkdir()
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([str(folder), *before])
    yield folder
    zoneinfo.reset_tzpath(before)


def decree(database: Path, rule: str) -> None:
    """From now on the invented zone goes by this rule (POSIX), as after an update of the database."""
    block = b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, 0, 1, 4) + struct.pack(">lbB", 0, 0, 0) + b"UTC\0"
    (database / NAME).write_bytes(block + block + f"\n{rule}\n".encode())
    ZoneInfo.clear_cache(only_keys=[NAME])


def posix(minutes: int) -> str:
    """An offset east of Greenwich, as POSIX writes it."""
    return f"{'-' if minutes >= 0 else '+'}{abs(minutes) // 60}:{abs(minutes) % 60:02}"


@st.composite
def decrees(draw: st.DrawFn) -> tuple[str, date]:
    """A rule, and a day at which it moves the clocks: by quarters of an hour, at any quarter of the day."""
    offset, shift = draw(st.integers(-47, 54)) * 15, draw(st.sampled_from([-60, 20, 30, 45, 60, 120]))
    at = [draw(st.integers(0, 95)) * 15 for _ in range(2)]
    first, second = (f"M{month}.2.0/{minute // 60}:{minute % 60:02}" for month, minute in zip((3, 10), at, strict=True))
    day = draw(st.sampled_from([date(2026, 3, 8), date(2026, 10, 11)]))
    return f"<AAA>{posix(offset)}<BBB>{posix(offset + shift)},{first},{second}", day


@given(decrees(), decrees(), st.data())
@settings(max_examples=60, deadline=None)
def test_hours_stay_by_the_clock_when_a_zone_changes_its_rules(
    database: Path, old: tuple[str, date], new: tuple[str, date], data: st.DataObject
) -> None:
    """The same schedule before and after an update, each time as the model walks it."""
    opens = data.draw(st.integers(0, 80)) * 15
    closes = data.draw(st.integers(opens // 15 + 4, 96)) * 15
    schedule = schedule_of(NAME, *[Window(weekday=d, opens=opens, closes=closes) for d in range(1, 8)], minutes=30)
    for rule, day in (old, new):
        decree(database, rule)
        noon = datetime.combine(day, time(12), UTC)
        start, end = noon - timedelta(hours=40), noon + timedelta(hours=40)
        shown = [(instant(at), 0) for at, _ in free(available(schedule), FREE, search(start, end, LONG_AGO))]
        assert shown == walked(available(schedule), FREE, start, end, LONG_AGO)
        assert shown


def test_a_country_gives_up_summer_time(database: Path) -> None:
    schedule = schedule_of(NAME, *[Window(weekday=d, opens=540, closes=600) for d in range(1, 8)])
    july = datetime(2026, 7, 1, tzinfo=UTC)
    for rule, hour in (("CET-1CEST,M3.5.0,M10.5.0/3", 7), ("CET-1", 8)):
        decree(database, rule)
        [(at, _)] = free(available(schedule), FREE, search(july, july + DAY, LONG_AGO))
        assert instant(at) == july + timedelta(hours=hour)
        assert instant(at).astimezone(zone_of(NAME)).hour == 9
