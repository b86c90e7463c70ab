"""A caseload is handed over: the record soon opens to the one and closes to the other; both are told."""

import time
from typing import Any
from uuid import UUID, uuid4

import httpx

from mindlyfe.demo.clinic import Clinic
from mindlyfe.demo.person import expect
from mindlyfe.kernel.messages import Role

PATIENCE_S = 20.0


class Somebody:
    """Signed in with a second factor."""

    def __init__(self, platform: Any, clinic: Clinic, person: Any, *roles: Role) -> None:
        self.id, self._base = person.id, platform.base
        tenant = UUID(clinic.administrator.tenant)
        self._headers = platform.signer().bearer(*roles, tenant=tenant, person=UUID(person.id), aal=2)

    def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return httpx.request(method, f"{self._base}{path}", json=body, headers=self._headers, timeout=20)

    def until(self, status: int, path: str) -> None:
        """Waits until the path answers with the status; the patience is for a busy machine, not a promise."""
        deadline = time.monotonic() + PATIENCE_S
        while (seen := self.call("GET", path).status_code) != status:
            assert time.monotonic() < deadline, f"{path} still answers {seen}, not {status}"
            time.sleep(0.05)

    def clinician_of(self, person: str, episode: str) -> None:
        """Waits until the episode is this person's."""
        deadline = time.monotonic() + PATIENCE_S
        while (seen := expect(self.call("GET", episode), 200).json()["clinician"]) != person:
            assert time.monotonic() < deadline, f"{episode} is still {seen}'s"
            time.sleep(0.05)


def test_therapy_follows_a_handover_and_both_are_told(platform: Any) -> None:
    clinic = Clinic.open(platform.base, platform.mailbox, "handover", "Harbour Clinic", platform.setup_link())
    invited = clinic.invite("Dr Ruiz", "ines", "therapist"), clinic.invite("Dr Mensah", "kwame", "therapist")
    amina = clinic.register("Amina Khalil", "amina")
    ruiz, mensah = (Somebody(platform, clinic, one, "therapist") for one in invited)
    admin = Somebody(platform, clinic, clinic.administrator, "clinic-admin")
    pair = {"patient": amina.id, "clinician": ruiz.id}
    expect(admin.call("PUT", f"/v1/care-relationships/{uuid4()}", pair), 200)
    record, path = f"/v1/patients/{amina.id}/appointments", f"/v1/handovers/{uuid4()}"
    ruiz.until(200, record)
    assert mensah.call("GET", record).status_code == 404
    expect(admin.call("PUT", path, {"giver": ruiz.id, "receiver": mensah.id}), 200)
    mensah.until(200, record)
    ruiz.until(404, record)
    view = expect(admin.call("GET", path), 200).json()
    assert (view["done"], view["moved"]) == (1, 1)
    for one in invited:
        told = platform.mailbox.expect(one.email, "handover")
        assert "1 person" in told.text
        assert "Amina" not in told.text


def test_an_episode_goes_on_with_the_receiver_and_care_ends_with_it(platform: Any) -> None:
    clinic = Clinic.open(platform.base, platform.mailbox, "goes-on", "Hill Clinic", platform.setup_link())
    invited = clinic.invite("Dr Ruiz", "ines", "therapist"), clinic.invite("Dr Mensah", "kwame", "therapist")
    amina = clinic.register("Amina Khalil", "amina")
    ruiz, mensah = (Somebody(platform, clinic, one, "therapist") for one in invited)
    admin = Somebody(platform, clinic, clinic.administrator, "clinic-admin")
    episode, record = f"/v1/episodes/{uuid4()}", f"/v1/patients/{amina.id}/episodes"
    expect(admin.call("PUT", episode, {"patient": amina.id}), 201)
    expect(ruiz.call("POST", f"{episode}/acceptance"), 200)
    ruiz.until(200, record)
    expect(admin.call("PUT", f"/v1/handovers/{uuid4()}", {"giver": ruiz.id, "receiver": mensah.id}), 200)
    admin.clinician_of(mensah.id, episode)
    mensah.until(200, record)
    ruiz.until(404, episode)
    expect(mensah.call("POST", f"{episode}/beginning"), 200)
    expect(mensah.call("POST", f"{episode}/discharge", {"ending": "completed"}), 200)
    mensah.until(404, record)
