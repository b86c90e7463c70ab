"""The main job: a clinic opens, hours are published, patients register and book, twenty race for one slot."""

import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

import httpx

from mindlyfe.demo.clinic import Clinic
from mindlyfe.demo.mail import Mailbox
from mindlyfe.demo.person import Person, expect, refused
from mindlyfe.demo.report import Report

RACERS: Final = 20
WEEK: Final = [{"weekday": day, "from": "09:00", "to": "17:00"} for day in range(1, 8)]


@dataclass(slots=True)
class Story:
    """Plays the main job through the gateway at `base`; `links` are two unused set-up links."""

    base: str
    mailbox: Mailbox
    links: tuple[str, str]
    report: Report
    run: str = field(default_factory=lambda: secrets.token_hex(3))
    clinic: Clinic = field(init=False)
    other: Clinic = field(init=False)
    therapist: Person = field(init=False)
    patient: Person = field(init=False)
    slots: list[str] = field(default_factory=list[str])
    appointment: str = ""

    def play(self) -> None:
        """All steps in order. Raises AssertionError only when a step that others need could not be done."""
        self._the_gateway_answers()
        self.play_without_gateway()

    def play_without_gateway(self) -> None:
        """The same on a bare service process, which serves no pages."""
        self._a_clinic_opens()
        self._a_therapist_publishes_hours()
        self._a_patient_registers()
        self._the_patient_books()
        self._twenty_race()
        self._everybody_is_told()
        self._strangers_are_refused()
        self._tokens_are_kept_safe()

    def _the_gateway_answers(self) -> None:
        with self.report.step("the gateway serves the crisis page without sign-in") as step:
            page = expect(httpx.get(f"{self.base}/crisis", timeout=10), 200)
            assert "tel:" in page.text, "no telephone link on the crisis page"
            step.found(f"{len(page.content)} bytes")

    def _a_clinic_opens(self) -> None:
        with self.report.step("two clinics open, each by its one-time link") as step:
            self.clinic = Clinic.open(self.base, self.mailbox, self.run, "Harbour Clinic", self.links[0])
            self.other = Clinic.open(self.base, self.mailbox, self.run, "Meadow Clinic", self.links[1])
            step.found(f"{self.clinic.name}, {self.other.name}")
        with self.report.step("a used link opens nothing") as step:
            try:
                Clinic.open(self.base, self.mailbox, f"{self.run}x", "Pirate Clinic", self.links[0])
            except AssertionError as refusal:
                step.found(str(refusal)[:80])
            else:
                raise AssertionError("the set-up link worked twice")

    def _a_therapist_publishes_hours(self) -> None:
        with self.report.step("a therapist joins by invitation and publishes hours") as step:
            self.therapist = self.clinic.invite("Dr Inés Ruiz", "ines", "therapist")
            hours = {"zone": "Europe/London", "weekly": WEEK, "minutes": 50, "notice_minutes": 60, "horizon_days": 60}
            expect(self.therapist.call("PUT", "/v1/availability", hours), 200, 201)
            step.found("every day 09:00 to 17:00, Europe/London")

    def _a_patient_registers(self) -> None:
        with self.report.step("a patient registers, verifies by e-mail and signs in") as step:
            self.patient = self.clinic.register("Amina Khalil", "amina")
            step.found("verified twice by the same link, signed in")

    def _the_patient_books(self) -> None:
        with self.report.step("the patient finds a slot and books it; a repeated request books nothing more") as step:
            begin = datetime.now(UTC) + timedelta(days=2)
            found = self.patient.call(
                "GET",
                f"/v1/therapists/{self.therapist.id}/slots?from={stamp(begin)}&to={stamp(begin + timedelta(days=9))}",
            )
            self.slots = [slot["starts_at"] for slot in expect(found, 200).json()["items"]]
            assert len(self.slots) >= 3, f"only {len(self.slots)} slots"
            self.appointment = str(uuid4())
            once = {"Idempotency-Key": str(uuid4())}
            first = expect(book(self.patient, self.therapist, self.slots[0], self.appointment, once), 201).json()
            again = expect(book(self.patient, self.therapist, self.slots[0], self.appointment, once), 201).json()
            assert first == again, f"{first} and then {again}"
            mine = expect(self.patient.call("GET", "/v1/appointments"), 200).json()["items"]
            assert len(mine) == 1, f"{len(mine)} appointments"
            step.found(self.slots[0])

    def _twenty_race(self) -> None:
        with self.report.step(f"{RACERS} patients register") as step:
            racers = self.clinic.register_many(RACERS)
            step.found("all verified by mail and signed in")
        with self.report.step(f"{RACERS} patients race for one slot and exactly one gets it") as step:
            gate = threading.Barrier(RACERS)

            def run(racer: Person) -> httpx.Response:
                gate.wait()
                return book(racer, self.therapist, self.slots[1], str(uuid4()))

            with ThreadPoolExecutor(RACERS) as pool:
                answers = list(pool.map(run, racers))
            won = [a for a in answers if a.status_code == 201]
            assert len(won) == 1, f"{len(won)} got it: {sorted(a.status_code for a in answers)}"
            for answer in answers:
                if answer not in won:
                    refused(answer, 409, "slot-taken")
            step.found("one 201, nineteen 409 slot-taken")
        with self.report.step("the winner is told, the others are not") as step:
            winner = racers[answers.index(won[0])]
            self.mailbox.expect(winner.email, "appointment")
            losers = [racer for racer in racers if racer is not winner]
            told = [r.name for r in losers if any("appointment" in m.subject.lower() for m in self.mailbox.of(r.email))]
            assert not told, f"told without a booking: {told}"
            step.found(winner.name)

    def _everybody_is_told(self) -> None:
        with self.report.step("patient and therapist are told of booking and cancellation, once each") as step:
            self.mailbox.expect(self.patient.email, "appointment")
            self.mailbox.expect(self.therapist.email, "appointment", count=2)
            path = f"/v1/appointments/{self.appointment}/cancellation"
            expect(self.patient.call("POST", path, {"reason": "travelling"}), 200, 201)
            self.mailbox.expect(self.patient.email, "appointment", count=2)
            self.mailbox.expect(self.therapist.email, "appointment", count=3)
            texts = " ".join(mail.text for mail in self.mailbox.of(self.therapist.email))
            assert "travelling" not in texts, "the reason must not be in a mail"
            step.found("2 mails to the patient, 3 to the therapist")

    def _strangers_are_refused(self) -> None:
        with self.report.step("another clinic, another role and nobody at all are refused") as step:
            mine = f"/v1/appointments/{self.appointment}"
            stranger = self.other.register("Jonas Petersen", "jonas")
            refused(stranger.call("GET", mine), 404)
            refused(stranger.call("POST", f"{mine}/cancellation", {"reason": "mischief"}), 404)
            refused(book(stranger, self.therapist, self.slots[2], str(uuid4())), 404)
            refused(
                self.patient.call("PUT", "/v1/availability", {"zone": "Europe/London", "weekly": [], "minutes": 50}),
                403,
            )
            refused(Person(self.base, "Nobody", "").call("GET", mine), 401)
            step.found("404, 404, 404, 403, 401, all as problem+json")

    def _tokens_are_kept_safe(self) -> None:
        with self.report.step("a refresh token works once; its replay ends the session") as step:
            old = self.patient.refresh
            self.patient.renew()
            self.patient.renew()
            replay = self.patient.call("POST", "/v1/sessions/refresh", {"refresh_token": old})
            refused(replay, 401)
            refused(self.patient.call("POST", "/v1/sessions/refresh", {"refresh_token": self.patient.refresh}), 401)
            self.patient.sign_in()
            step.found("rotated twice, replay refused, family revoked")


def book(
    person: Person, therapist: Person, starts_at: str, appointment: str, headers: dict[str, str] | None = None
) -> httpx.Response:
    """Ask for a slot under an id of one's own."""
    wish = {"therapist": therapist.id, "starts_at": starts_at}
    return person.call("PUT", f"/v1/appointments/{appointment}", wish, headers)


def stamp(at: datetime) -> str:
    """RFC 3339, UTC, fit for a query."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
