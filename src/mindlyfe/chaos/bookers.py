"""Clients that book while parts die: each repeats a request, under the same key, until the answer is definite."""

import random
import threading
import time
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

import httpx

from mindlyfe.demo.person import Person

PATIENCE_S: Final = 60.0
PAUSE_S: Final = (0.1, 0.4)
AGAIN: Final = frozenset({401, 408, 425, 429, 500, 502, 503, 504})


@dataclass(slots=True)
class Ledger:
    """What clients were promised, and what is on its way right now."""

    booked: dict[str, tuple[Person, Person, str]] = field(default_factory=dict[str, tuple[Person, Person, str]])
    """Appointment → patient, therapist, start."""
    refused: int = 0
    retried: int = 0
    wrong: list[str] = field(default_factory=list[str])
    under_way: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(slots=True)
class Bookers:
    """As many threads as patients, each booking slots at random until told to stop."""

    patients: list[Person]
    slots: list[tuple[Person, str]]
    """Therapist and start."""
    seed: int
    ledger: Ledger = field(default_factory=Ledger)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list[threading.Thread])

    def start(self) -> None:
        """Begin to book."""
        for number, patient in enumerate(self.patients):
            rng = random.Random(f"{self.seed}/{number}")
            thread = threading.Thread(target=self._book_on, args=(patient, rng), daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Let everybody get the answer to what they have asked for, then end."""
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_S * 2)
            if thread.is_alive():
                self.ledger.wrong.append("a client never got a definite answer")

    def _book_on(self, patient: Person, rng: random.Random) -> None:
        while not self._stop.is_set():
            therapist, starts_at = rng.choice(self.slots)
            self._book(patient, therapist, starts_at)
            time.sleep(rng.uniform(*PAUSE_S))

    def _book(self, patient: Person, therapist: Person, starts_at: str) -> None:
        appointment, key = str(uuid4()), {"Idempotency-Key": str(uuid4())}
        wish = {"therapist": therapist.id, "starts_at": starts_at}
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            answer = self._ask(patient, f"/v1/appointments/{appointment}", wish, key)
            if answer is not None and answer.status_code not in AGAIN:
                self._note(answer, appointment, patient, therapist, starts_at)
                return
            with self.ledger.lock:
                self.ledger.retried += 1
            time.sleep(0.1)
        with self.ledger.lock:
            self.ledger.wrong.append(f"no definite answer for {appointment} in {PATIENCE_S:.0f} s")

    def _ask(self, patient: Person, path: str, wish: dict[str, str], key: dict[str, str]) -> httpx.Response | None:
        with self.ledger.lock:
            self.ledger.under_way += 1
        try:
            answer = patient.call("PUT", path, wish, key)
            if answer.status_code == 401:
                patient.sign_in()
        except (httpx.TransportError, AssertionError):
            return None
        finally:
            with self.ledger.lock:
                self.ledger.under_way -= 1
        return answer

    def _note(self, answer: httpx.Response, appointment: str, patient: Person, therapist: Person, at: str) -> None:
        with self.ledger.lock:
            if answer.status_code == 201:
                self.ledger.booked[appointment] = (patient, therapist, at)
            elif answer.status_code == 409 and answer.json()["type"].endswith(("/slot-taken", "/patient-busy")):
                self.ledger.refused += 1
            else:
                self.ledger.wrong.append(f"{answer.status_code} {answer.text[:200]}")
