"""All that can be done to appointments, several at once, on PostgreSQL: nobody and no room is ever taken twice."""

import asyncio
from datetime import timedelta
from typing import Any, get_args
from uuid import uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.therapy.machine import played
from tests.therapy.racing import (
    STEP,
    TAKES,
    THERAPISTS,
    By,
    Taken,
    Verb,
    Wish,
    collisions,
    explained,
    opening,
)

PATIENTS, ROOMS = 2, 2
FEW = settings(
    max_examples=30,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
STAFF: tuple[By, ...] = ("therapist", "desk")
slots = st.sampled_from([0, 1, 2, 3, 3, 4])
rooms = st.one_of(st.none(), st.integers(0, ROOMS - 1))
bookings = st.tuples(
    st.sampled_from(["patient", "desk"]), st.integers(0, PATIENTS - 1), st.integers(0, 1), slots, rooms
)
OFTEN: dict[Verb, int] = {"move": 5, "confirm": 3, "cancel": 2, "decline": 1, "miss": 2, "take-back": 1}
FITTING: dict[Verb, set[str]] = {"confirm": {"requested"}, "decline": {"requested"}, "take-back": {"missed"}}
verbs = st.sampled_from([verb for verb, times in OFTEN.items() for _ in range(times)])
changes = st.tuples(
    verbs,
    st.integers(0, 30),
    st.sampled_from(get_args(By.__value__)),
    slots,
    rooms,
    st.one_of(st.none(), st.integers(0, 1)),
)


class Racing(RuleBasedStateMachine):
    """Two therapists, of whom one confirms; two patients, two rooms, one desk, one morning."""

    clinic: Any
    run: Any

    def __init__(self) -> None:
        super().__init__()
        self.book: dict[str, Taken] = {}
        self.minute = -60

    @initialize()
    def opens(self) -> None:
        """Everybody new, in a new clinic, an hour before it opens."""
        self.clinic.tenant = uuid4()
        self.desk, admin = self.clinic.person("reception"), self.clinic.person("clinic-admin")
        self.patients = [self.clinic.person("patient") for _ in range(PATIENTS)]
        made = [self.run(admin.post("/v1/rooms", json={"name": f"Room {n}"})) for n in range(ROOMS)]
        self.rooms = [str(answer.json()["room"]) for answer in made]
        self.nine = opening(self.clinic.clock.now + timedelta(days=1))
        self.clinic.clock.now = self.nine - timedelta(hours=1)
        weekly = [{"weekday": self.nine.isoweekday(), "from": "09:00", "to": "11:00"}]
        self.therapists = [
            self.run(
                self.clinic.therapist(
                    minutes=each.minutes,
                    zone="UTC",
                    weekly=weekly,
                    confirms=each.confirms,
                    late_hours=0,
                    room=None if each.room is None else self.rooms[each.room],
                )
            )
            for each in THERAPISTS
        ]

    @rule(wished=st.lists(bookings, min_size=2, max_size=4))
    def several_book(self, wished: list[tuple[By, int, int, int, int | None]]) -> None:
        """Patients and the desk, at once."""
        self._at_once(
            [
                Wish(
                    "book", str(uuid4()), by, patient, therapist, start(therapist, slot), room if by == "desk" else None
                )
                for by, patient, therapist, slot, room in wished
            ]
        )

    @rule(changed=st.lists(changes, min_size=2, max_size=4), booked=st.lists(bookings, max_size=2))
    def several_change(self, changed: list[Any], booked: list[Any]) -> None:
        """Move, answer, cancel, mark, the same ones too; and somebody books meanwhile."""
        wishes = [
            Wish("book", str(uuid4()), by, patient, one, start(one, slot)) for by, patient, one, slot, _ in booked
        ]
        for verb, number, by, slot, room, to in changed if self.book else []:
            id_ = self._chosen(verb, number)
            taken = self.book[id_]
            who: By = "desk" if verb in {"confirm", "decline", "miss", "take-back"} and by == "patient" else by
            wishes.append(
                Wish(
                    verb,
                    id_,
                    who,
                    taken.patient,
                    taken.therapist,
                    start(taken.therapist if to is None else to, slot),
                    room if who in STAFF else None,
                    to if who == "desk" else None,
                )
            )
        self._at_once(wishes)

    @rule(minutes=st.sampled_from([20, 45]))
    def time_passes(self, minutes: int) -> None:
        """Some begin."""
        if self.minute < 60:
            self.minute += minutes
            self.clinic.clock.now += timedelta(minutes=minutes)

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        """As the calendar itself says: it is asked, not the book."""
        if not hasattr(self, "desk"):
            return
        items = self.run(self.clinic.person("reception").get("/v1/clinic/appointments", limit=200)).json()["items"]
        seen = {item["id"]: self._read(item) for item in items}
        for id_, one in seen.items():
            if one.status in TAKES:
                assert list(collisions(one, (other for name, other in seen.items() if name != id_))) == []
        assert seen == self.book

    def _chosen(self, verb: Verb, number: int) -> str:
        """One that it can be done to, if there is any; now and then another."""
        fitting = [id_ for id_, one in self.book.items() if one.status in FITTING.get(verb, TAKES)]
        known = fitting if fitting and number % 4 else list(self.book)
        return known[number % len(known)]

    def _at_once(self, wishes: list[Wish]) -> None:
        answers = self.run(_together(self._do(wish) for wish in wishes))
        told = list(zip(wishes, answers, strict=True))
        books = explained(self.book, told, self.minute)
        assert books, told
        items = self.run(self.desk.get("/v1/clinic/appointments", limit=200)).json()["items"]
        seen = {item["id"]: self._read(item) for item in items}
        assert seen in books, told
        self.book = seen

    async def _do(self, wish: Wish) -> str:
        at, who = self.nine + wish.step * STEP, self._who(wish)
        path = f"/v1/appointments/{wish.appointment}"
        room = {} if wish.room is None else {"room": self.rooms[wish.room]}
        match wish.verb:
            case "book":
                patient = self.patients[wish.patient] if wish.by == "desk" else None
                answer = await who.book(self.therapists[wish.therapist], at, wish.appointment, patient, room)
            case "move":
                to = {} if wish.to is None else {"therapist": str(self.therapists[wish.to].id)}
                answer = await who.move(wish.appointment, at, **room, **to)
            case "confirm":
                answer = await who.post(f"{path}/confirmation", json=None)
            case "decline":
                answer = await who.post(f"{path}/decline", json={})
            case "cancel":
                answer = await who.cancel(wish.appointment)
            case "miss":
                answer = await who.post(f"{path}/absence", json={"absent": "patient"})
            case "take-back":
                answer = await who.delete(f"{path}/absence")
        assert answer.status_code < 500, answer.text
        return "" if answer.status_code < 300 else str(answer.json()["type"]).removeprefix("/problems/")

    def _who(self, wish: Wish) -> Any:
        if wish.by == "desk":
            return self.desk
        return self.patients[wish.patient] if wish.by == "patient" else self.therapists[wish.therapist]

    def _read(self, item: dict[str, Any]) -> Taken:
        at = (self.clinic.clock.now.fromisoformat(item["starts_at"]) - self.nine) // STEP
        patient = [str(one.id) for one in self.patients].index(item["patient"])
        therapist = [str(one.id) for one in self.therapists].index(item["therapist"])
        room = None if item["room"] is None else self.rooms.index(item["room"])
        return Taken(patient, therapist, room, at, item["minutes"], item["status"])


def start(therapist: int, slot: int) -> int:
    """The step of a slot of the therapist; the last may not be there."""
    return slot * THERAPISTS[therapist].minutes // 5


async def _together(calls: Any) -> Any:
    return await asyncio.gather(*calls)


def test_nobody_and_no_room_is_taken_twice_whatever_happens_at_once(new_clinic: Any) -> None:
    played(new_clinic, Racing, FEW)
