"""A patient leaves: the therapist is told, the time is free, and coming back brings nothing back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from mindlyfe.demo.clinic import Clinic
from mindlyfe.demo.person import Person, expect

HOURS = {"zone": "Europe/London", "weekly": [{"weekday": day, "from": "00:00", "to": "23:00"} for day in range(1, 8)]}
BORN = {"date_of_birth": "1990-04-02"}


def starts(patient: Person, therapist: Person) -> list[str]:
    """What the therapist offers from tomorrow on."""
    times = {"from": datetime.now(UTC) + timedelta(days=2), "to": datetime.now(UTC) + timedelta(days=4)}
    query = {name: at.isoformat() for name, at in times.items()}
    path = httpx.URL(f"/v1/therapists/{therapist.id}/slots", params=query)
    return [one["starts_at"] for one in expect(patient.call("GET", str(path)), 200).json()["items"]]


def test_a_patient_leaves_and_comes_back_without_what_was_booked(platform: Any) -> None:
    clinic = Clinic.open(platform.base, platform.mailbox, "leaver", "Harbour Clinic", platform.setup_link())
    therapist = clinic.invite("Dr Ruiz", "ines", "therapist")
    expect(therapist.call("PUT", "/v1/availability", HOURS | {"minutes": 60}), 200)
    amina, tim = clinic.register("Amina Khalil", "amina"), clinic.register("Tim", "tim")
    path, first = f"/v1/appointments/{uuid4()}", starts(amina, therapist)[0]
    wish = {"therapist": therapist.id, "starts_at": first}
    expect(amina.call("PUT", path, wish), 201)
    expect(amina.call("DELETE", "/v1/me/membership"), 204)
    told = platform.mailbox.expect(therapist.email, "cancelled")
    assert "Amina" not in told.text
    platform.settled()
    assert len({one.message_id for one in platform.mailbox.of(therapist.email) if "cancelled" in one.subject}) == 1
    seen = expect(therapist.call("GET", path), 200).json()
    assert (seen["status"], seen["reason"]) == ("cancelled", "The clinic cancelled this appointment.")
    expect(tim.call("PUT", f"/v1/appointments/{uuid4()}", wish), 201)
    invitation = {"email": amina.email, "name": amina.name, "roles": ["patient"]} | BORN
    expect(clinic.administrator.call("POST", "/v1/invitations", invitation), 201)
    code = platform.mailbox.expect(amina.email, "invitation").code
    joining = {"code": code, "password": amina.password, "zone": amina.zone} | BORN
    expect(Person(platform.base, amina.name, amina.email).call("POST", "/v1/invitations/acceptance", joining), 200)
    amina = Person(platform.base, amina.name, amina.email, amina.password)
    amina.sign_in()
    platform.settled()
    assert expect(amina.call("GET", path), 200).json()["status"] == "cancelled"
    assert first not in starts(amina, therapist)
