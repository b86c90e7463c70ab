"""A series whose booking was broken off goes on where it stood, by whoever comes: the same request or the message."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.therapy.adapters.http.test_series import DAY, MONDAY, Scene, listed, starts, weeks

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.therapy.contract.series import SeriesChangedV1, SeriesId


@pytest.fixture
async def scene(clinic: Any) -> Scene:
    found = Scene(clinic)
    await found.open()
    return found


@pytest.fixture
def dying(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets so many decisions about appointments through, and then none, until it is told another number."""
    streams = next(one for one in scene.clinic.module.streams if one.name == "appointment")
    decide, left = streams.decide, [0]

    async def limited(*given: Any, **more: Any) -> Any:
        if left[0] == 0:
            raise Unavailable
        left[0] -= 1
        return await decide(*given, **more)

    def let(many: int) -> None:
        left[0] = many

    monkeypatch.setattr(streams, "decide", limited)
    return let


async def told(scene: Scene, series: UUID | None = None) -> None:
    """The message arrives, as every message does: twice."""
    event = SeriesChangedV1(series=SeriesId(series or scene.id))
    for _ in range(2):
        await scene.clinic.module.hears[SeriesChangedV1](scene.clinic.heard(event))


@pytest.mark.parametrize("done", range(5))
@pytest.mark.parametrize("by", ["request", "repeat", "message"])
async def test_a_booking_that_was_broken_off_is_completed(
    scene: Scene, dying: Callable[[int], None], done: int, by: str
) -> None:
    dying(done)
    refused(await scene.book(key="once"), 503, "unavailable")
    half = await scene.seen()
    assert (half["complete"], len(await listed(scene.patient))) == (False, done)
    dying(100)
    if by == "message":
        await told(scene)
    else:
        answer = await scene.book(**({"key": "once"} if by == "repeat" else {}))
        assert answer.status_code == 201, answer.text
    view = await scene.seen()
    assert (view["complete"], starts(view["occurrences"])) == (True, weeks(0, 1, 2, 3, 4))
    assert len(await listed(scene.patient)) == 5


async def test_many_at_once_book_it_once(scene: Scene) -> None:
    answers = await asyncio.gather(*(scene.book() for _ in range(4)), told(scene), told(scene))
    views = [answer.json() for answer in answers if answer is not None and answer.status_code == 201]
    assert len(views) == 4
    view = await scene.seen()
    assert (view["complete"], starts(view["occurrences"])) == (True, weeks(0, 1, 2, 3, 4))
    assert len(await listed(scene.patient)) == 5


async def test_two_patients_who_want_the_same_weeks_share_none(scene: Scene) -> None:
    """Whatever each got the other was refused."""
    one, other = scene, Scene(scene.clinic)
    other.therapist = scene.therapist
    await asyncio.gather(one.book(), other.book())
    found = [await listed(each.patient) for each in (one, other)]
    assert sorted(found[0] + found[1]) == sorted(f"{at:%Y-%m-%dT%H:%M:%SZ} booked" for at in weeks(0, 1, 2, 3, 4))


@pytest.mark.parametrize("done", range(3))
async def test_moving_what_follows_goes_on_where_it_was_broken_off(
    scene: Scene, dying: Callable[[int], None], done: int
) -> None:
    dying(100)
    before = await scene.booked()
    dying(done)
    tuesday = MONDAY + 14 * DAY + DAY
    refused(await scene.step("continuation", number=3, starts_at=tuesday.isoformat()), 503, "unavailable")
    dying(100)
    await told(scene)
    old = await scene.seen()
    new = await scene.seen(old["continued_by"])
    assert [one["appointment"] for one in new["occurrences"]] == [one["appointment"] for one in before[2:]]
    assert starts(old["occurrences"]) == weeks(0, 1)
    assert len(await listed(scene.patient)) == 5


async def test_an_end_that_was_broken_off_is_carried_out(scene: Scene, dying: Callable[[int], None]) -> None:
    dying(100)
    await scene.booked()
    dying(1)
    refused(await scene.step("ending", number=3), 503, "unavailable")
    dying(100)
    await told(scene)
    statuses = [one["status"] for one in (await scene.seen())["occurrences"]]
    assert statuses == ["booked", "booked", "cancelled", "cancelled", "cancelled"]


async def test_a_merge_takes_a_series_along_and_finishes_it(scene: Scene, dying: Callable[[int], None]) -> None:
    dying(2)
    await scene.book()
    dying(100)
    duplicate, scene.patient = scene.patient, scene.clinic.person("patient")
    merged = MemberMergedV1(merge=uuid4(), duplicate=duplicate.id, survivor=scene.patient.id)
    heard = scene.clinic.heard(merged)
    for _ in range(2):
        await scene.clinic.module.hears[MemberMergedV1](heard)
    view = await scene.seen()
    assert (view["patient"], view["complete"]) == (str(scene.patient.id), True)
    assert len(await listed(scene.patient)) == 5
    assert await listed(duplicate) == []


async def test_a_patient_reads_their_series_in_their_export(scene: Scene, dying: Callable[[int], None]) -> None:
    dying(100)
    await scene.booked()
    told_ = await scene.clinic.module.personal.tells(scene.clinic.tenant, scene.patient.id)
    [one] = [each.values for each in told_ if "every_days" in each.values]
    assert (one["series"], one["appointments"], one["starts_at"]) == (str(scene.id), 5, MONDAY.isoformat())
