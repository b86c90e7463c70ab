"""Series over HTTP: booked at once, one occurrence moved or cancelled, what follows moved or ended, extended."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from mindlyfe.kernel.testing.answers import refused

MONDAY = datetime(2026, 10, 5, 8, tzinfo=UTC)
"""09:00 in London; the clocks go back on 25 October."""
WEEK, DAY, HOUR = timedelta(days=7), timedelta(days=1), timedelta(hours=1)


class Scene:
    """A therapist with office hours, and a patient who comes every week."""

    def __init__(self, clinic: Any) -> None:
        self.clinic, self.id = clinic, uuid4()
        self.patient = clinic.person("patient")

    async def open(self, **hours: Any) -> None:
        self.therapist = await self.clinic.therapist(**{"horizon_days": 400} | hours)

    @property
    def path(self) -> str:
        return f"/v1/series/{self.id}"

    async def book(self, who: Any = None, **wish: Any) -> Any:
        told = {"therapist": str(self.therapist.id), "starts_at": MONDAY.isoformat(), "count": 5} | wish
        headers = {"idempotency_key": told.pop("key")} if "key" in told else {}
        return await (who or self.patient).put(self.path, json=told, **headers)

    async def booked(self, **wish: Any) -> list[dict[str, Any]]:
        answer = await self.book(**wish)
        assert answer.status_code == 201, answer.text
        return list(answer.json()["occurrences"])

    async def step(self, name: str, who: Any = None, **body: Any) -> Any:
        headers = {"if_match": body.pop("if_match")} if "if_match" in body else {}
        return await (who or self.patient).post(f"{self.path}/{name}", json=body, **headers)

    async def seen(self, series: Any = None) -> dict[str, Any]:
        answer = await self.patient.get(f"/v1/series/{series or self.id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@pytest.fixture
async def scene(clinic: Any) -> Scene:
    found = Scene(clinic)
    await found.open()
    return found


def starts(occurrences: list[dict[str, Any]]) -> list[datetime | None]:
    return [datetime.fromisoformat(one["starts_at"]) if one["starts_at"] else None for one in occurrences]


def weeks(*numbers: int, first: datetime = MONDAY) -> list[datetime]:
    """Mondays at 09:00 in London: an hour later by UTC once the clocks have gone back."""
    return [first + n * WEEK + (n > 2) * HOUR for n in numbers]


async def listed(person: Any) -> list[str]:
    page = (await person.get("/v1/appointments", limit=100)).json()["items"]
    return [f"{one['starts_at']} {one['status']}" for one in page]


async def test_a_series_is_booked_at_once_at_the_same_time_by_the_clocks(scene: Scene) -> None:
    answer = await scene.book()
    assert answer.status_code == 201, answer.text
    view = answer.json()
    assert starts(view["occurrences"]) == weeks(0, 1, 2, 3, 4)
    assert (view["zone"], view["complete"], view["ended_after"]) == ("Europe/London", True, None)
    assert {one["status"] for one in view["occurrences"]} == {"booked"}
    assert len(await listed(scene.patient)) == len(await listed(scene.therapist)) == 5
    third = view["occurrences"][2]["appointment"]
    detail = (await scene.patient.get(f"/v1/appointments/{third}")).json()
    member = {"series": str(scene.id), "number": 3, "original": "2026-10-19T08:00:00Z"}
    assert detail["member"] == member
    page = (await scene.patient.get("/v1/appointments")).json()["items"]
    assert {one["series"] for one in page} == {str(scene.id)}


async def test_the_same_request_again_books_nothing_twice(scene: Scene) -> None:
    first = await scene.book(key="once")
    for again in ({"key": "once"}, {}):
        answer = await scene.book(**again)
        assert (answer.status_code, answer.json()) == (201, first.json())
    assert len(await listed(scene.patient)) == 5


async def test_what_is_not_free_is_said_and_the_rest_is_booked(scene: Scene) -> None:
    other = scene.clinic.person("patient")
    assert (await other.book(scene.therapist, MONDAY + WEEK)).status_code == 201
    elsewhere = await scene.clinic.therapist(horizon_days=400)
    assert (await scene.patient.book(elsewhere, MONDAY + 2 * WEEK)).status_code == 201
    found = await scene.booked()
    assert [one["refused"] for one in found] == [None, "slot-taken", "patient-busy", None, None]
    assert starts(found) == [weeks(0)[0], None, None, *weeks(3, 4)]
    assert (await scene.seen())["complete"]


async def test_one_occurrence_is_moved_and_one_cancelled_and_no_other(scene: Scene) -> None:
    found = await scene.booked()
    second, third = found[1]["appointment"], found[2]["appointment"]
    moved = {"starts_at": (MONDAY + WEEK + DAY).isoformat()}
    assert (await scene.patient.post(f"/v1/appointments/{second}/move", json=moved)).status_code == 200
    assert (await scene.patient.cancel(third)).status_code == 200
    after = (await scene.seen())["occurrences"]
    assert starts(after) == [*weeks(0), MONDAY + WEEK + DAY, *weeks(2, 3, 4)]
    assert [one["status"] for one in after] == ["booked", "booked", "cancelled", "booked", "booked"]
    assert [one["original"] for one in after] == [one["original"] for one in found]
    assert (await scene.book()).json()["occurrences"] == after, "the same request again brings nothing back"
    assert len(await listed(scene.patient)) == 5


async def test_what_follows_is_moved_to_another_weekday_and_stays_the_same_appointments(scene: Scene) -> None:
    before = await scene.booked()
    wednesday = MONDAY + 2 * WEEK + 2 * DAY
    answer = await scene.step("continuation", number=3, starts_at=wednesday.isoformat())
    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert starts(after["occurrences"]) == [wednesday, wednesday + WEEK + HOUR, wednesday + 2 * WEEK + HOUR]
    assert [one["appointment"] for one in after["occurrences"]] == [one["appointment"] for one in before[2:]]
    assert (after["continues"], after["complete"]) == (str(scene.id), True)
    old = await scene.seen()
    assert (old["ended_after"], old["continued_by"]) == (2, after["id"])
    assert starts(old["occurrences"]) == weeks(0, 1)
    assert len(await listed(scene.patient)) == 5
    again = await scene.step("continuation", number=3, starts_at=wednesday.isoformat())
    assert again.json() == after


async def test_a_series_moves_along_its_own_times(scene: Scene) -> None:
    """Each goes where the next one was: none is in another's way."""
    await scene.booked()
    later = (await scene.step("continuation", number=1, starts_at=(MONDAY + WEEK).isoformat())).json()
    assert starts(later["occurrences"]) == weeks(1, 2, 3, 4, 5)
    scene.id = UUID(later["id"])
    back = (await scene.step("continuation", number=1, starts_at=MONDAY.isoformat())).json()
    assert starts(back["occurrences"]) == weeks(0, 1, 2, 3, 4)
    assert {one["refused"] for one in (*later["occurrences"], *back["occurrences"])} == {None}


async def test_what_cannot_be_moved_stays_and_is_said(scene: Scene) -> None:
    found = await scene.booked()
    other = scene.clinic.person("patient")
    assert (await other.book(scene.therapist, MONDAY + 2 * WEEK + DAY)).status_code == 201
    assert (await scene.patient.cancel(found[3]["appointment"])).status_code == 200
    tuesdays = {"number": 2, "starts_at": (MONDAY + WEEK + DAY).isoformat()}
    after = (await scene.step("continuation", **tuesdays)).json()
    codes = [one["refused"] for one in after["occurrences"]]
    assert codes == [None, "slot-taken", "appointment-not-booked", None]
    old = (await scene.seen())["occurrences"]
    assert [(one["number"], one["status"]) for one in old] == [(1, "booked"), (3, "booked"), (4, "cancelled")]


async def test_what_follows_is_cancelled_and_nothing_before(scene: Scene) -> None:
    await scene.booked()
    answer = await scene.step("ending", number=4, reason="better")
    assert (answer.status_code, answer.json()["ended_after"]) == (200, 3)
    statuses = [one["status"] for one in (await scene.seen())["occurrences"]]
    assert statuses == ["booked", "booked", "booked", "cancelled", "cancelled"]
    again = await scene.step("ending", number=4)
    assert again.json() == answer.json()


async def test_what_has_begun_is_not_cancelled_with_what_follows(scene: Scene) -> None:
    await scene.booked()
    scene.clinic.clock.now = MONDAY + WEEK
    await scene.step("ending", number=1)
    statuses = [one["status"] for one in (await scene.seen())["occurrences"]]
    assert statuses == ["booked", "booked", "cancelled", "cancelled", "cancelled"]


async def test_it_goes_on_for_longer(scene: Scene) -> None:
    await scene.booked()
    answer = await scene.step("extension", more=2)
    assert (answer.status_code, answer.json()["count"]) == (200, 7)
    assert starts(answer.json()["occurrences"]) == weeks(*range(7))
    for more in (52, 45):
        last = await scene.step("extension", more=more)
    assert last.json()["count"] == 104
    refused(await scene.step("extension", more=1), 422, "series-too-long")
