"""The demo clinic: its people, their hours, appointments and care relationships, made over HTTP like anybody's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from mindlyfe.demo.clinic import Clinic, address
from mindlyfe.demo.mail import Mailbox
from mindlyfe.demo.person import Person, expect

NAME: Final = "Harbour Clinic"
RUN: Final = "demo"
LONDON: Final = "Europe/London"
HOURS: Final[dict[str, Any]] = {
    "zone": LONDON,
    "weekly": [{"weekday": day, "from": "09:00", "to": "17:00"} for day in range(1, 6)],
    "minutes": 50,
    "horizon_days": 90,
}
STAFF: Final = (
    ("Dr Inés Ruiz", "ruiz", "therapist"),
    ("Kwame Mensah", "mensah", "therapist"),
    ("Dr Hana Sato", "sato", "supervisor"),
    ("Priya Nair", "nair", "reception"),
    ("Tom Byrne", "byrne", "operator"),
)


@dataclass(frozen=True, slots=True)
class Case:
    """A patient of the demo: who treats them, and how many weekly sessions they have booked."""

    name: str
    label: str
    born: str
    therapist: str
    sessions: int
    zone: str = LONDON
    locale: str = "en-GB"


CASES: Final[Sequence[Case]] = (
    Case("Amina Khalil", "khalil", "1994-02-11", "mensah", 1),
    Case("Jonas Petersen", "petersen", "1988-09-30", "ruiz", 2),
    Case("Leila Shrestha", "shrestha", "1991-05-17", "ruiz", 1, zone="Asia/Kathmandu"),
    Case("Marek Nowak", "nowak", "1979-12-03", "mensah", 1),
    Case("Chloé Dubois", "dubois", "1996-07-22", "ruiz", 8, zone="Europe/Paris"),
    Case("Mateo Silva", "silva", "1985-03-08", "mensah", 0, zone="America/Sao_Paulo"),
    Case("David Okafor", "okafor", "1972-10-26", "mensah", 1),
    Case("Grace Li", "li", "2000-01-14", "ruiz", 1),
)


@dataclass(frozen=True, slots=True)
class Seeded:
    """Somebody who can sign in; the password is known here alone, and so is the key of a staff's authenticator."""

    name: str
    role: str
    email: str
    password: str
    key: str


def seed(base: str, link: str) -> Iterator[Seeded]:
    """Make the demo clinic by the one-time `link` on the platform at `base`; its people, one by one as they join.

    Raises AssertionError with the platform's words when something is refused.
    """
    clinic = _opened(base, link)
    yield _said(clinic.administrator, "clinic-admin")
    therapists: dict[str, Person] = {}
    for name, label, role in STAFF:
        person = clinic.invite(name, label, role)
        if role == "therapist":
            expect(person.call("PUT", "/v1/availability", HOURS), 200, 201)
            therapists[label] = person
        yield _said(person, role)
    for case in CASES:
        patient = _registered(clinic, case)
        therapist = therapists[case.therapist]
        relation = {"patient": patient.id, "clinician": therapist.id}
        expect(clinic.administrator.call("PUT", f"/v1/care-relationships/{uuid4()}", relation), 200, 201)
        _book(patient, therapist, case.sessions)
        yield _said(patient, "patient")


def _opened(base: str, link: str) -> Clinic:
    admin = Person(base, "Oluwaseun Ade", address("ade", NAME, RUN))
    asked = {
        "code": link.rsplit("#code=", maxsplit=1)[-1],
        "organisation": {"name": NAME, "zone": LONDON, "locale": "en-GB"},
        "administrator": {"name": admin.name, "email": admin.email, "password": admin.password, "zone": admin.zone},
    }
    expect(admin.call("POST", "/v1/setup", asked), 201)
    admin.sign_in()
    admin.enrol()
    code = expect(admin.call("POST", "/v1/registration-links"), 201).json()["code"]
    return Clinic(base, Mailbox(f"{base}/dev/mailbox"), RUN, NAME, admin, code)


def _registered(clinic: Clinic, case: Case) -> Person:
    person = Person(clinic.base, case.name, address(case.label, NAME, RUN), zone=case.zone)
    asked = {
        "clinic": clinic.code,
        "name": person.name,
        "email": person.email,
        "password": person.password,
        "date_of_birth": case.born,
        "zone": case.zone,
        "locale": case.locale,
    }
    expect(person.call("POST", "/v1/registrations", asked), 202)
    code = clinic.mailbox.expect(person.email, "confirm").code
    expect(person.call("POST", "/v1/verifications", {"code": code, "password": person.password}), 200)
    person.sign_in()
    return person


def _book(patient: Person, therapist: Person, weeks: int) -> None:
    """The first free slot of each of the next `weeks` weeks."""
    start = datetime.now(UTC) + timedelta(days=1)
    for week in range(weeks):
        begin = start + timedelta(weeks=week)
        between = f"from={begin:%Y-%m-%dT%H:%M:%SZ}&to={begin + timedelta(days=6):%Y-%m-%dT%H:%M:%SZ}"
        slots = expect(patient.call("GET", f"/v1/therapists/{therapist.id}/slots?{between}"), 200).json()["items"]
        wish = {"therapist": therapist.id, "starts_at": slots[0]["starts_at"]}
        expect(patient.call("PUT", f"/v1/appointments/{uuid4()}", wish), 201)


def _said(person: Person, role: str) -> Seeded:
    return Seeded(person.name, role, person.email, person.password, person.secret)
