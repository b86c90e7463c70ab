"""A state machine of a series and what follows it, on PostgreSQL, against a model of walls.

After every step our own calendar, and a library that reads the calendar app's document, know the same instants.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.therapy.adapters.http.test_calendars import MINE
from tests.therapy.adapters.test_writing import read
from tests.therapy.machine import played

from mindlyfe.therapy.contract.series import SeriesChangedV1, SeriesId

ZONES = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "Asia/Kolkata", "UTC"]
ALL_DAY = [{"weekday": day, "from": "00:00", "to": "24:00"} for day in range(1, 8)]
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
FEW = settings(max_examples=12, stateful_step_count=7, deadline=None, suppress_health_check=SLOW)
DAY = timedelta(days=1)
days = st.dates(date(2026, 9, 24), date(2026, 10, 30))
"""All those zones change their clocks around then, but those that never do."""


class Known(msgspec.Struct):
    """An occurrence as the model knows it."""

    at: datetime
    status: str = "booked"


class Walking(RuleBasedStateMachine):
    """One patient, one therapist, one series; each step has a time of day of its own, so that nothing collides."""

    clinic: Any
    run: Any

    @initialize(zone=st.sampled_from(ZONES), day=days, every=st.integers(1, 9), count=st.integers(2, 6))
    def begins(self, zone: str, day: date, every: int, count: int) -> None:
        self.clinic.tenant, self.zone, self.times = uuid4(), ZoneInfo(zone), iter(range(8, 48))
        self.patient = self.clinic.person("patient")
        hours = {"zone": zone, "weekly": ALL_DAY, "minutes": 30, "horizon_days": 700}
        self.therapist = self.run(self.clinic.therapist(**hours))
        self.day, self.every, self.count, self.clock = day, every, count, self._time()
        self.id, self.over = uuid4(), False
        self.model: dict[UUID, dict[int, Known]] = {self.id: {}}
        self._grow(range(1, count + 1))
        self.wish = {"therapist": str(self.therapist.id), "every_days": every, "count": count}
        self.first, self.wish["starts_at"] = self.id, self._at(1).isoformat()
        assert self._put(self.first).status_code == 201
        self.path = self.run(self.patient.post(MINE, json=None)).json()["url"].removeprefix("http://localhost:8080")

    @rule(number=st.integers(1, 9), shift=st.integers(-3, 3))
    def move_one(self, number: int, shift: int) -> None:
        """To another day, at a time of its own."""
        one = self.model[self.id].get(number)
        if one is None or one.status != "booked":
            return
        day = one.at.astimezone(self.zone).date() + shift * DAY
        at = self._instant(day, self._time())
        body = {"starts_at": at.isoformat()}
        path = f"/v1/appointments/{self._appointment(number)}/move"
        assert self.run(self.patient.post(path, json=body)).status_code == 200
        one.at = at

    @rule(number=st.integers(1, 9))
    def cancel_one(self, number: int) -> None:
        one = self.model[self.id].get(number)
        if one is not None and one.status == "booked":
            assert self.run(self.patient.cancel(self._appointment(number))).status_code == 200
            one.status = "cancelled"

    @rule(number=st.integers(1, 9), shift=st.integers(-3, 9), every=st.integers(1, 9))
    def move_what_follows(self, number: int, shift: int, every: int) -> None:
        if self.over or number > self.count:
            return
        self.day = self._at(number).astimezone(self.zone).date() + shift * DAY
        self.every, self.clock = every, self._time()
        body = {"number": number, "starts_at": self._at(1).isoformat(), "every_days": every}
        answer = self._post("continuation", body)
        assert answer.status_code == 200, answer.text
        old, self.id, self.count = self.model[self.id], UUID(answer.json()["id"]), self.count - number + 1
        following = {n: old[n] for n in sorted(old) if n >= number and old[n].status == "booked"}
        self.model[self.id] = {n - number + 1: Known(self._at(n - number + 1)) for n in following}
        for n in following:
            del old[n]

    @rule(number=st.integers(1, 9))
    def end(self, number: int) -> None:
        if self.over or number > self.count:
            return
        assert self._post("ending", {"number": number}).status_code == 200
        self.over = True
        for n, one in self.model[self.id].items():
            if n >= number:
                one.status = "cancelled"

    @rule(more=st.integers(1, 3))
    def extend(self, more: int) -> None:
        answer = self._post("extension", {"more": more})
        assert answer.status_code == (409 if self.over else 200)
        if not self.over:
            self._grow(range(self.count + 1, self.count + more + 1))
            self.count += more

    @rule()
    def come_again(self) -> None:
        """The request, and every message: nothing happens twice, and nothing comes back."""
        assert self._put(self.first).status_code == 201
        for series in self.model:
            heard = self.clinic.heard(SeriesChangedV1(series=SeriesId(series)))
            self.run(self.clinic.module.hears[SeriesChangedV1](heard))

    @invariant()
    def everybody_knows_the_same(self) -> None:
        wanted = sorted(
            (one.at, 30, {"booked": "CONFIRMED", "cancelled": "CANCELLED"}[one.status])
            for series in getattr(self, "model", {}).values()
            for one in series.values()
        )
        if not wanted:
            return
        for series, known in self.model.items():
            seen = {one["number"]: one for one in self._seen(series) if one["appointment"]}
            told = {n: (datetime.fromisoformat(one["starts_at"]), one["status"]) for n, one in seen.items()}
            assert told == {n: (one.at, one.status) for n, one in known.items()}
        assert read(self.run(self.clinic.http.get(self.path)).content) == wanted

    def _grow(self, numbers: range) -> None:
        self.model[self.id] |= {number: Known(self._at(number)) for number in numbers}

    def _time(self) -> time:
        half_hours = next(self.times)
        return time(half_hours // 2, half_hours % 2 * 30)

    def _at(self, number: int) -> datetime:
        return self._instant(self.day + (number - 1) * self.every * DAY, self.clock)

    def _instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def _put(self, series: UUID) -> Any:
        return self.run(self.patient.put(f"/v1/series/{series}", json=self.wish))

    def _post(self, name: str, body: Any) -> Any:
        return self.run(self.patient.post(f"/v1/series/{self.id}/{name}", json=body))

    def _seen(self, series: UUID) -> Any:
        view = self.run(self.patient.get(f"/v1/series/{series}")).json()
        assert view["complete"]
        return view["occurrences"]

    def _appointment(self, number: int) -> str:
        return str(next(one["appointment"] for one in self._seen(self.id) if one["number"] == number))


def test_a_series_and_what_follows_it_are_the_same_to_everybody(new_clinic: Any) -> None:
    played(new_clinic, Walking, FEW)
