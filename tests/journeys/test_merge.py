"""A patient registered twice: two people merge the accounts, every context follows, and both addresses are told."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from mindlyfe.demo.clinic import Clinic
from mindlyfe.demo.person import Person, expect
from mindlyfe.kernel.messages import Role

PATIENCE_S = 30.0
HOURS = {
    "zone": "Europe/London",
    "weekly": [{"weekday": day, "from": "00:00", "to": "23:00"} for day in range(1, 8)],
    "minutes": 60,
}


class Staff:
    """Signed in with a second factor."""

    def __init__(self, platform: Any, clinic: Clinic, person: Person, *roles: Role) -> None:
        self.id, self._base = person.id, platform.base
        tenant = UUID(clinic.administrator.tenant)
        self._headers = platform.signer().bearer(*roles, tenant=tenant, person=UUID(person.id), aal=2)

    def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return httpx.request(method, f"{self._base}{path}", json=body, headers=self._headers, timeout=20)

    def appointments(self, patient: Person) -> list[dict[str, Any]]:
        return list(expect(self.call("GET", f"/v1/patients/{patient.id}/appointments"), 200).json()["items"])


def booked(patient: Person, therapist: Person, number: int) -> str:
    times = {"from": datetime.now(UTC).isoformat(), "to": (datetime.now(UTC) + timedelta(days=9)).isoformat()}
    slots = expect(patient.call("GET", str(httpx.URL(f"/v1/therapists/{therapist.id}/slots", params=times))), 200)
    wish = {"therapist": therapist.id, "starts_at": slots.json()["items"][number]["starts_at"]}
    appointment = str(uuid4())
    expect(patient.call("PUT", f"/v1/appointments/{appointment}", wish), 201)
    return appointment


def test_two_accounts_of_one_patient_become_one(platform: Any) -> None:
    clinic = Clinic.open(platform.base, platform.mailbox, "merge", "Harbour Clinic", platform.setup_link())
    therapist, officer = clinic.invite("Dr Ruiz", "ines", "therapist"), clinic.invite("Omar", "omar", "privacy-officer")
    old, new = clinic.register("Amina Khalil", "amina-old"), clinic.register("Amina Khalil", "amina-new")
    expect(Staff(platform, clinic, therapist, "therapist").call("PUT", "/v1/availability", HOURS), 200)
    visits = {booked(old, therapist, 20), booked(new, therapist, 30)}
    ruiz = Staff(platform, clinic, therapist, "therapist")
    admin = Staff(platform, clinic, clinic.administrator, "clinic-admin")
    other = Staff(platform, clinic, officer, "privacy-officer")
    expect(admin.call("PUT", f"/v1/care-relationships/{uuid4()}", {"patient": old.id, "clinician": ruiz.id}), 200)
    ids, path = {"duplicate": old.id, "survivor": new.id}, f"/v1/merges/{uuid4()}"
    seen = expect(admin.call("POST", "/v1/merges/preview", ids), 200).json()
    counted = {side: sum(one["count"] for one in seen[side]["records"]) for side in ids}
    assert (seen["conflicts"], counted) == ([], {"duplicate": 2, "survivor": 1})
    expect(admin.call("PUT", path, ids | {"why": "registered-twice"}), 200)
    expect(other.call("POST", f"{path}/decision", {"decision": "approve"}), 200)
    deadline = time.monotonic() + PATIENCE_S
    while awaited := (view := expect(admin.call("GET", path), 200).json())["contexts_awaited"]:
        assert time.monotonic() < deadline, f"{awaited} do not follow"
        time.sleep(0.1)
    assert set(view["contexts_confirmed"]) >= {"identity", "therapy", "notifications"}
    for patient in (old, new):
        listed = ruiz.appointments(patient)
        assert {one["id"] for one in listed} == visits
        assert {one["patient"] for one in listed} == {new.id}
    assert old.call("GET", "/v1/appointments").status_code == 401
    assert len(expect(new.call("GET", "/v1/appointments"), 200).json()["items"]) == 2
    assert "Amina" in platform.mailbox.expect(new.email, "two accounts are one").text
    assert "tell the clinic at once" in platform.mailbox.expect(old.email, "accounts has ended").text
