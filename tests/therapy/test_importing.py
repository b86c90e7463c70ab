"""Busy times from calendars elsewhere: what they take, how they are, and what stays when they break."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from mindlyfe.kernel.testing.answers import refused
from mindlyfe.therapy.application.importing import Importing
from mindlyfe.therapy.application.ports import Due, FeedFailed, Fetched
from mindlyfe.therapy.contract.feeds import Trouble

FEEDS = "/v1/calendar-feeds"
FEED = {"url": "webcal://calendar.example/secret-3f9c/basic.ics", "zone": "Europe/London", "name": "Private"}
HOUR = timedelta(hours=1)
MORNING = b"""BEGIN:VCALENDAR\r
BEGIN:VEVENT\r
UID:1\r
DTSTART:20260602T080000Z\r
DTEND:20260602T100000Z\r
SUMMARY:A thing nobody may know\r
END:VEVENT\r
END:VCALENDAR\r
"""


@dataclass
class Played:
    """The internet and the clinic's part of what is due."""

    clinic: Any
    health: Any
    answer: Fetched | Trouble = field(default_factory=lambda: Fetched(MORNING, '"1"'))
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    async def fetch(self, url: str, etag: str) -> Fetched:
        self.asked.append((url, etag))
        if isinstance(self.answer, Fetched):
            return self.answer
        raise FeedFailed(self.answer)

    async def due(self, now: datetime, most: int) -> Sequence[Due]:
        return [one for one in await self.health.due(now, 10_000) if one.tenant == self.clinic.tenant]

    async def note(self, *words: Any) -> None:
        await self.health.note(*words)


def playing(clinic: Any) -> tuple[Importing, Played]:
    """The worker as it is wired, with the internet played."""
    importing: Importing = clinic.module.workers["feeds"].__self__.importing
    played = Played(clinic, importing.health)
    return replace(importing, fetches=played, health=played), played


async def added(therapist: Any, **more: Any) -> str:
    answer = await therapist.post(FEEDS, json=FEED | more)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["feed"])


async def view(therapist: Any) -> dict[str, Any]:
    [one] = (await therapist.get(FEEDS)).json()["items"]
    return dict(one)


async def starts(person: Any, therapist: Any, start: datetime) -> list[str]:
    query = {"from": start.isoformat(), "to": (start + 4 * HOUR).isoformat()}
    items = (await person.get(f"/v1/therapists/{therapist.id}/slots", **query)).json()["items"]
    return [each["starts_at"][11:16] for each in items]


async def test_imported_times_are_taken_and_only_they_are_kept(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient, (importing, played) = await clinic.therapist(), clinic.person("patient"), playing(clinic)
    feed = await added(therapist)
    waiting = await view(therapist)
    assert waiting.items() >= {"id": feed, "host": "calendar.example", "health": "waiting", "busy": 0}.items()
    assert await starts(patient, therapist, tomorrow) == ["08:00", "09:00", "10:00", "11:00"]
    assert await importing.turn() == 1
    assert played.asked == [("https://calendar.example/secret-3f9c/basic.ics", "")]
    assert (await view(therapist)).items() >= {"health": "fresh", "busy": 1, "age_minutes": 0, "trouble": None}.items()
    assert await starts(patient, therapist, tomorrow) == ["10:00", "11:00"]
    refused(await patient.book(therapist, tomorrow), 409, "slot-taken")
    assert await importing.turn() == 0
    told = await clinic.module.personal.tells(clinic.tenant, therapist.id)
    elsewhere = {"calendar_elsewhere": "Private", "host": "calendar.example", "time_zone": "Europe/London"}
    assert told[0].values == elsewhere | {"busy": ["2026-06-02T08:00:00Z/2026-06-02T10:00:00Z"]}
    async with clinic.database.app(clinic.tenant) as tx:
        kept = await (await tx.execute("select f::text, i::text from feed f join imported i using (feed)")).fetchall()
        events = await (await tx.execute("select data from event where stream = %s", (feed,))).fetchall()
    assert "secret" not in repr([kept, waiting])
    assert "nobody" not in repr(kept)
    assert all(b"secret" not in bytes(data) for (data,) in events)
    assert (await clinic.http.delete(f"{FEEDS}/{feed}", headers=therapist.headers)).status_code == 204
    assert await starts(patient, therapist, tomorrow) == ["08:00", "09:00", "10:00", "11:00"]
    assert (await therapist.get(FEEDS)).json()["items"] == []


async def test_the_last_good_copy_counts_while_a_feed_is_broken(clinic: Any, tomorrow: datetime) -> None:
    therapist, (importing, played) = await clinic.therapist(), playing(clinic)
    await added(therapist)
    await importing.turn()
    pauses = list[int]()
    for trouble in ("unreachable", "not-a-calendar", "too-large"):
        clinic.clock.pass_(minutes=(await due_in(clinic, played)))
        played.answer = trouble
        if trouble == "not-a-calendar":
            played.answer = Fetched(b"<html>Sign in</html>", "")
        assert await importing.turn() == 1
        shown = await view(therapist)
        assert (shown["health"], shown["trouble"], shown["busy"]) == ("stale", trouble, 1)
        pauses.append(await due_in(clinic, played))
    assert pauses == [15, 30, 60]
    assert shown["age_minutes"] == 60
    assert await starts(therapist, therapist, tomorrow) == ["10:00", "11:00"]
    clinic.clock.pass_(minutes=60)
    played.answer = Fetched(MORNING.replace(b"T080000Z", b"T090000Z"), '"2"')
    await importing.turn()
    assert (await view(therapist)).items() >= {"health": "fresh", "trouble": None, "age_minutes": 0}.items()
    assert await starts(therapist, therapist, tomorrow) == ["08:00", "10:00", "11:00"]


async def due_in(clinic: Any, played: Played) -> int:
    """In how many minutes the feed is asked again."""
    now = clinic.clock.now
    for n in range(1, 600):
        if await played.due(now + timedelta(minutes=n), 1):
            return n
    raise AssertionError


async def test_a_feed_that_never_was_good_is_broken(clinic: Any) -> None:
    therapist, (importing, played) = await clinic.therapist(), playing(clinic)
    await added(therapist)
    played.answer = "not-public"
    await importing.turn()
    shown = await view(therapist)
    assert (shown["health"], shown["trouble"], shown["good_at"]) == ("broken", "not-public", None)


async def test_what_has_not_changed_is_asked_by_its_tag_and_read_again_twice_a_day(clinic: Any) -> None:
    therapist, (importing, played) = await clinic.therapist(), playing(clinic)
    await added(therapist)
    await importing.turn()
    played.answer = Fetched(None, '"1"')
    clinic.clock.pass_(minutes=15)
    await importing.turn()
    assert played.asked[-1][1] == '"1"'
    assert (await view(therapist)).items() >= {"health": "fresh", "busy": 1, "age_minutes": 0}.items()
    clinic.clock.pass_(minutes=60 * 12)
    played.answer = Fetched(MORNING, '"1"')
    await importing.turn()
    assert played.asked[-1][1] == ""


async def test_a_feed_is_asked_again_when_its_therapist_wants(clinic: Any) -> None:
    therapist, (importing, _) = await clinic.therapist(), playing(clinic)
    path = f"{FEEDS}/{await added(therapist)}/refresh"
    await importing.turn()
    assert (await therapist.post(path, json=None)).status_code == 204
    assert await importing.turn() == 0
    clinic.clock.pass_(minutes=2)
    assert (await therapist.post(path, json=None)).status_code == 204
    assert await importing.turn() == 1
    other = await clinic.therapist()
    refused(await other.post(path, json=None), 404, "not-found")
    refused(await clinic.http.delete(path.removesuffix("/refresh"), headers=other.headers), 404, "not-found")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"url": "https://127.0.0.1/a.ics"}, "feed-address-refused"),
        ({"url": "https://localhost/a.ics"}, "feed-address-refused"),
        ({"zone": "Europe/Atlantis"}, "unknown-zone"),
    ],
)
async def test_a_feed_is_refused_for_a_reason(clinic: Any, wrong: dict[str, str], code: str) -> None:
    therapist = await clinic.therapist()
    refused(await therapist.post(FEEDS, json=FEED | wrong), 422, code)
    refused(await clinic.person("patient").post(FEEDS, json=FEED), 403, "forbidden")


async def test_ten_feeds_are_enough_and_the_same_key_adds_one(clinic: Any) -> None:
    therapist, key = await clinic.therapist(), str(uuid4())
    first, again = [await therapist.post(FEEDS, json=FEED, idempotency_key=key) for _ in range(2)]
    assert first.json() == again.json()
    for _ in range(9):
        await added(therapist)
    refused(await therapist.post(FEEDS, json=FEED), 422, "too-many-feeds")
