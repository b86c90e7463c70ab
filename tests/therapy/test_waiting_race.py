"""A state machine of who waits, with two workers at once, on PostgreSQL, against an order of our own."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.therapy.waiting_room import WaitingRoom, beside, working

from mindlyfe.therapy.contract import AppointmentCancelledV1, AppointmentId

PATIENTS = 4
SLOTS = 3
LEVELS = ("urgent", "soon", "routine")
FEW = settings(
    max_examples=25,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class Place(msgspec.Struct):
    """Somebody who waits, as the model knows them."""

    patient: int
    since: datetime
    urgency: str = "routine"
    had: set[int] = msgspec.field(default_factory=set)
    unanswered: int = 0


class Offer(msgspec.Struct):
    """A slot that is kept for somebody."""

    wait: str
    id: str
    until: datetime


class Waiting(RuleBasedStateMachine):
    """One therapist with three hours in three weeks, four patients."""

    clinic: Any
    other: Any
    run: Any

    def __init__(self) -> None:
        super().__init__()
        self.places: dict[str, Place] = {}
        self.offers: dict[int, Offer] = {}
        self.booked: dict[int, tuple[int, str]] = {}
        """Slot → patient (-1: somebody else) and appointment."""

    @initialize(
        known=st.integers(0, PATIENTS),
        slot=st.integers(0, SLOTS - 1),
        urgencies=st.lists(st.sampled_from(LEVELS), min_size=2, max_size=PATIENTS),
    )
    def opens(self, known: int, slot: int, urgencies: list[str]) -> None:
        """Everybody new, in a new clinic: perhaps one whom the therapist knows, and some who wait."""
        self.clinic.tenant = uuid4()
        self.room = WaitingRoom(self.clinic, zone="UTC")
        weekly = [{"weekday": 2, "from": "09:00", "to": "12:00"}]
        self.start = self.clinic.clock.now.replace(hour=9, minute=0, second=0, microsecond=0)
        self.start += timedelta(days=(1 - self.start.weekday()) % 7 + 21)
        self.ruiz = self.run(self.clinic.therapist(weekly=weekly, zone="UTC"))
        for first, last in ((-30, -1), (1, 60)):
            days = (f"{self.start + timedelta(days=day):%Y-%m-%d}" for day in (first, last))
            off = dict(zip(("first", "last"), days, strict=True)) | {"zone": "UTC"}
            assert self.run(self.ruiz.post("/v1/time-off", json=off)).status_code == 201
        self.patients = [self.clinic.person("patient") for _ in range(PATIENTS)]
        self.desk = self.clinic.person("reception")
        if known < PATIENTS:
            id_ = str(uuid4())
            assert self.run(self.patients[known].book(self.ruiz, self._at(slot), id_)).status_code == 201
            self.booked[slot] = (known, id_)
        for patient, urgency in enumerate(urgencies):
            self.join(patient, urgency)
        self.turn()

    @rule(patient=st.integers(0, PATIENTS - 1), urgency=st.sampled_from(LEVELS))
    def join(self, patient: int, urgency: str) -> None:
        """Somebody waits, unless they do, and a clinician judges them."""
        if any(one.patient == patient for one in self.places.values()):
            return
        wait, _ = self.run(self.room.joins(self.patients[patient]))
        self.places[wait] = Place(patient, self.clinic.clock.now)
        self.judge(0, urgency, wait)

    @rule(number=st.integers(0, PATIENTS), urgency=st.sampled_from(LEVELS))
    def judge(self, number: int, urgency: str, wait: str | None = None) -> None:
        """Another urgency counts for the next slot, not for what is offered."""
        wait = wait or self._chosen(number)
        if wait:
            body = {"urgency": urgency, "reason": "as seen"}
            assert self.run(self.ruiz.put(f"/v1/waits/{wait}/urgency", json=body)).status_code == 200
            self.places[wait].urgency = urgency

    @rule(number=st.integers(0, PATIENTS))
    def leave(self, number: int) -> None:
        """Somebody wants to wait no longer; a slot that was kept for them is free with the next turn."""
        wait = self._chosen(number)
        if wait:
            patient = self.patients[self.places[wait].patient]
            assert self.run(patient.post(f"/v1/waits/{wait}/departure", json=None)).status_code == 200
            del self.places[wait]
            self.offers = {slot: each for slot, each in self.offers.items() if each.wait != wait}

    @rule(number=st.integers(0, SLOTS), how=st.sampled_from(["acceptance", "decline"]))
    def answer(self, number: int, how: str) -> None:
        """One of the offers is answered, twice: the second time changes nothing."""
        self._lapse()
        if self.offers:
            slot = sorted(self.offers)[number % len(self.offers)]
            offer = self.offers.pop(slot)
            place = self.places[offer.wait]
            patient = self.patients[place.patient]
            for _ in range(2):
                assert self.run(self.room.answer(patient, offer.id, how)).status_code == 200
            if how == "acceptance":
                self.booked[slot] = (place.patient, offer.id)
                self.run(self.room.heard(offer.id, patient, "accepted"))
                del self.places[offer.wait]
            else:
                place.had.add(slot)
                place.unanswered = 0
                self.run(self.room.heard(offer.id, patient, "declined"))

    @rule()
    def expire(self) -> None:
        """The time of the offer that ends first is over."""
        self._lapse()
        if self.offers:
            self.clinic.clock.now = min(one.until for one in self.offers.values())
            self._lapse()

    @rule(slot=st.integers(0, SLOTS - 1))
    def book(self, slot: int) -> None:
        """Somebody who does not wait takes what is free, and nothing else."""
        self.turn()
        id_ = str(uuid4())
        answer = self.run(self.clinic.person("patient").book(self.ruiz, self._at(slot), id_))
        assert (answer.status_code == 201) == (slot not in self.booked and slot not in self.offers)
        if answer.status_code == 201:
            self.booked[slot] = (-1, id_)

    @rule(slot=st.integers(0, SLOTS - 1))
    def cancel(self, slot: int) -> None:
        """An appointment is cancelled, and the list hears of it."""
        if slot in self.booked:
            _, id_ = self.booked.pop(slot)
            assert self.run(self.desk.cancel(id_)).status_code == 200
            pair = {"patient": self.desk.id, "therapist": self.ruiz.id, "by": self.desk.id}
            event = AppointmentCancelledV1(appointment=AppointmentId(UUID(id_)), **pair, late=False)
            self.run(self.clinic.module.hears[AppointmentCancelledV1](self.clinic.heard(event)))

    @rule()
    def turn(self) -> None:
        """Two workers in two processes go through the list at once; what they offer is what the model would."""
        self._lapse()
        expected, both = self._matched(), (self.clinic.module, self.other)
        self.run(_together(working(self.clinic, module, always=True).turn() for module in both))
        self.offers = {}
        for one in self.run(self.desk.get("/v1/offers")).json()["items"]:
            slot = round((datetime.fromisoformat(one["starts_at"]) - self.start) / timedelta(hours=1))
            assert slot not in self.offers, "a slot is offered once at a time"
            self.offers[slot] = Offer(one["wait"], one["id"], datetime.fromisoformat(one["expires_at"]))
        assert {slot: each.wait for slot, each in self.offers.items()} == expected

    @invariant()
    def nobody_has_two(self) -> None:
        """Of a slot one thing is true, and of a patient one offer stands."""
        if hasattr(self, "ruiz"):
            assert not self.offers.keys() & self.booked.keys()
            waits = [each.wait for each in self.offers.values()]
            assert len(waits) == len(set(waits))

    def _lapse(self) -> None:
        """Whatever time has passed by: too late to be accepted, before the worker comes, too."""
        for slot, offer in list(self.offers.items()):
            if offer.until <= self.clinic.clock.now:
                place = self.places[offer.wait]
                answer = self.run(self.room.answer(self.patients[place.patient], offer.id, "acceptance"))
                assert answer.status_code == 409
                place.had.add(slot)
                place.unanswered += 1
                del self.offers[slot]

    def _matched(self) -> dict[int, str]:
        """Slot by slot, the first in order who may have it."""
        found = {slot: each.wait for slot, each in self.offers.items()}
        met = {patient for patient, _ in self.booked.values()}
        for slot in range(SLOTS):
            if slot in found or slot in self.booked:
                continue
            free = [
                (LEVELS.index(one.urgency), one.patient not in met, one.since, wait)
                for wait, one in self.places.items()
                if wait not in found.values() and slot not in one.had and one.unanswered < 3
            ]
            if free:
                found[slot] = min(free)[-1]
        return found

    def _at(self, slot: int) -> datetime:
        at: datetime = self.start + slot * timedelta(hours=1)
        return at

    def _chosen(self, number: int) -> str | None:
        waits = sorted(self.places)
        return waits[number % len(waits)] if waits else None


async def _together(calls: Any) -> Any:
    return await asyncio.gather(*calls)


def test_the_waiting_list_keeps_its_order_under_any_race(new_clinic: Any) -> None:
    with asyncio.Runner() as runner:
        first, second = new_clinic(), new_clinic()
        here, there = runner.run(first.__aenter__()), runner.run(second.__aenter__())

        class Here(Waiting):
            clinic = here
            other = beside(here, there.database)
            run = staticmethod(runner.run)

        try:
            run_state_machine_as_test(Here, settings=FEW)
        finally:
            runner.run(second.__aexit__(None, None, None))
            runner.run(first.__aexit__(None, None, None))
