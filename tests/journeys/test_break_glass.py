"""A record is opened without care: the door opens, the privacy officer hears of it and judges, the patient is told."""

import time
from typing import Any
from uuid import UUID

import httpx

from mindlyfe.demo.clinic import Clinic
from mindlyfe.demo.person import expect
from mindlyfe.kernel.messages import Role

WHY = "The emergency department called; nobody who treats her can be reached."


class Somebody:
    """Signed in with a second factor."""

    def __init__(self, platform: Any, clinic: Clinic, person: Any, *roles: Role) -> None:
        self.id, self._base = person.id, platform.base
        tenant = UUID(clinic.administrator.tenant)
        self._headers = platform.signer().bearer(*roles, tenant=tenant, person=UUID(person.id), aal=2)

    def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return httpx.request(method, f"{self._base}{path}", json=body, headers=self._headers, timeout=20)

    def until(self, status: int, path: str) -> httpx.Response:
        """Ask until the answer is so: an event travels a moment."""
        answer = self.call("GET", path)
        for _ in range(100):
            if answer.status_code == status:
                break
            time.sleep(0.1)
            answer = self.call("GET", path)
        assert answer.status_code == status, answer.text
        return answer


def test_the_glass_is_broken_seen_judged_and_told(platform: Any) -> None:
    clinic = Clinic.open(platform.base, platform.mailbox, "glass", "Harbour Clinic", platform.setup_link())
    invited = clinic.invite("Dr Mensah", "kwame", "therapist"), clinic.invite("Nia", "nia", "privacy-officer")
    amina = clinic.register("Amina Khalil", "amina")
    therapist = Somebody(platform, clinic, invited[0], "therapist")
    officer = Somebody(platform, clinic, invited[1], "privacy-officer")
    record = f"/v1/patients/{amina.id}/appointments"
    assert therapist.call("GET", record).status_code == 404
    opened = expect(therapist.call("POST", "/v1/break-glass", {"patient": amina.id, "reason": WHY}), 201)
    glass = f"/v1/break-glass/{opened.json()['id']}"
    therapist.until(200, record)
    told = platform.mailbox.expect(invited[1].email, "review")
    assert "Amina" not in told.text
    assert WHY not in told.text
    [waiting] = expect(officer.call("GET", "/v1/break-glass/reviews"), 200).json()["items"]
    assert waiting["patient"] == amina.id
    verdict = {"outcome": "not-justified", "words": "The colleague on duty was there.", "notice": "send"}
    expect(officer.call("POST", f"{glass}/review", verdict), 200)
    therapist.until(404, record)
    platform.mailbox.expect(amina.email, "your privacy")
    assert expect(officer.call("GET", "/v1/break-glass/reviews"), 200).json()["items"] == []
