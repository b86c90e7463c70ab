"""A state machine of bookings and cancellations, many at a time, on PostgreSQL, against a calendar of our own."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.therapy.machine import played

MINUTES = (20, 30, 45)
PATIENTS = 3
STEP = timedelta(minutes=5)
FEW = settings(
    max_examples=25,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

type Wish = tuple[int, int, int]
"""Patient, therapist, and how many steps after the beginning."""

wishes = st.tuples(
    st.integers(0, PATIENTS - 1), st.integers(0, len(MINUTES) - 1), st.sampled_from([0, 4, 6, 8, 9, 12, 16, 18, 20, 1])
)


class Taken(msgspec.Struct):
    """An appointment as the model knows it."""

    patient: int
    therapist: int
    start: datetime
    end: datetime
    booked: bool = True

    def collides(self, other: "Taken") -> bool:
        shared = self.patient == other.patient or self.therapist == other.therapist
        return self.booked and other.booked and shared and self.start < other.end and other.start < self.end


class Racing(RuleBasedStateMachine):
    """Three therapists with appointments of different length, three patients, one morning."""

    clinic: Any
    run: Any

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[str, Taken] = {}

    @initialize()
    def opens(self) -> None:
        """Everybody new, in a new clinic."""
        self.clinic.tenant = uuid4()
        self.patients = [self.clinic.person("patient") for _ in range(PATIENTS)]
        weekly = [{"weekday": 2, "from": "09:00", "to": "11:00"}]
        self.therapists = [
            self.run(self.clinic.therapist(minutes=minutes, zone="UTC", weekly=weekly)) for minutes in MINUTES
        ]
        self.nine = self.clinic.clock.now.replace(hour=9) + timedelta(days=1)

    @rule(wished=st.lists(wishes, min_size=1, max_size=5))
    def book(self, wished: list[Wish]) -> None:
        """Several book at once: whoever got it must fit, whoever was refused must have had a reason."""
        ids = [str(uuid4()) for _ in wished]
        answers = self.run(_together(self._book(wish, id_) for wish, id_ in zip(wished, ids, strict=True)))
        tried = [self._taken(wish) for wish in wished]
        won = {id_: each for id_, each, (status, _) in zip(ids, tried, answers, strict=True) if status == 201}
        for id_, each in won.items():
            assert not any(each.collides(other) for other in self.model.values())
            self.model[id_] = each
        for each, (_, code) in zip(tried, answers, strict=True):
            minutes = MINUTES[each.therapist]
            on_grid = (each.start - self.nine) % timedelta(minutes=minutes) == timedelta(0)
            offered = on_grid and each.end <= self.nine + timedelta(hours=2)
            assert (code == "slot-not-offered") == (not offered)
            if code in {"slot-taken", "patient-busy"}:
                assert any(each.collides(other) for other in self.model.values())

    @rule(choice=st.lists(st.integers(0, 20), min_size=1, max_size=3), by_therapist=st.booleans())
    def cancel(self, choice: list[int], by_therapist: bool) -> None:
        """Several cancel at once, some the same one: each is cancelled once."""
        known = list(self.model)
        chosen = [known[n % len(known)] for n in choice if known]
        answers = self.run(_together(self._cancel(id_, by_therapist) for id_ in chosen))
        for id_ in set(chosen):
            outcomes = sorted(code for other, (_, code) in zip(chosen, answers, strict=True) if other == id_)
            first = "" if self.model[id_].booked else "appointment-not-booked"
            assert outcomes == sorted([first] + ["appointment-not-booked"] * (chosen.count(id_) - 1))
            self.model[id_].booked = False

    @invariant()
    def lists_agree(self) -> None:
        """What the patients see is what the model knows."""
        for number, patient in enumerate(getattr(self, "patients", [])):
            items = self.run(patient.get("/v1/appointments", limit=200)).json()["items"]
            seen = {item["id"]: (item["starts_at"], item["status"]) for item in items}
            mine = {id_: each for id_, each in self.model.items() if each.patient == number}
            assert seen == {
                id_: (f"{each.start:%Y-%m-%dT%H:%M:%SZ}", "booked" if each.booked else "cancelled")
                for id_, each in mine.items()
            }

    def _taken(self, wish: Wish) -> Taken:
        patient, therapist, steps = wish
        start = self.nine + steps * STEP
        return Taken(patient, therapist, start, start + timedelta(minutes=MINUTES[therapist]))

    async def _book(self, wish: Wish, id_: str) -> tuple[int, str]:
        taken = self._taken(wish)
        return _outcome(await self.patients[wish[0]].book(self.therapists[wish[1]], taken.start, id_))

    async def _cancel(self, id_: str, by_therapist: bool) -> tuple[int, str]:
        taken = self.model[id_]
        by = self.therapists[taken.therapist] if by_therapist else self.patients[taken.patient]
        return _outcome(await by.cancel(id_))


async def _together(calls: Any) -> Any:
    return await asyncio.gather(*calls)


def _outcome(answer: Any) -> tuple[int, str]:
    body = answer.json()
    return answer.status_code, str(body["type"]).removeprefix("/problems/") if "type" in body else ""


def test_asvs_2_3_4_the_calendar_keeps_its_promises_under_any_race(new_clinic: Any) -> None:
    played(new_clinic, Racing, FEW)
