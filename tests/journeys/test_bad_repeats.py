"""What was said before, or is no longer true: used tokens, keys and codes, old versions, and ids of another clinic."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from mindlyfe.demo.clinic import Clinic
from mindlyfe.demo.person import Person, expect
from mindlyfe.kernel.testing.answers import refused

HOURS = {"zone": "Europe/London", "weekly": [{"weekday": day, "from": "00:00", "to": "23:00"} for day in range(1, 8)]}
NAMED = {"name": "Dr Ruiz", "zone": "UTC", "locale": "en"}
AGAIN = {"Idempotency-Key": "4c1d8f5e-again"}


class Two:
    """Two clinics side by side, each with a therapist who has hours."""

    def __init__(self, platform: Any) -> None:
        self.platform = platform
        self.link = platform.setup_link()
        self.harbour = Clinic.open(platform.base, platform.mailbox, "repeats", "Harbour", self.link)
        self.meadow = Clinic.open(platform.base, platform.mailbox, "repeats", "Meadow", platform.setup_link())
        self.therapists = [clinic.invite("Dr Ruiz", "ines", "therapist") for clinic in (self.harbour, self.meadow)]
        for therapist in self.therapists:
            expect(therapist.call("PUT", "/v1/availability", HOURS | {"minutes": 60}), 200)
        self.patients = [clinic.register("Amina", "amina") for clinic in (self.harbour, self.meadow)]
        platform.settled()

    def slots(self, which: int) -> list[str]:
        now = datetime.now(UTC).replace(tzinfo=None)
        times = f"from={now.isoformat()}Z&to={(now + timedelta(days=5)).isoformat()}Z"
        path = f"/v1/therapists/{self.therapists[which].id}/slots?{times}"
        found = expect(self.patients[which].call("GET", path), 200).json()["items"]
        return [slot["starts_at"] for slot in found[30:]]

    def wish(self, which: int, slot: int = 0) -> dict[str, str]:
        return {"therapist": self.therapists[which].id, "starts_at": self.slots(which)[slot]}


@pytest.fixture(scope="module")
def two(lasting_platform: Any) -> Two:
    return Two(lasting_platform)


class Nothing:
    """Inside, nothing happens: no log of any context has anything new at the end."""

    def __init__(self, two: Two) -> None:
        self._platform = two.platform

    def __enter__(self) -> None:
        self._before = self._platform.settled()

    def __exit__(self, *_: object) -> None:
        assert self._platform.settled() == self._before


def test_a_refresh_token_is_used_once_and_a_thief_signs_both_out(two: Two) -> None:
    person = two.therapists[0]
    person.sign_in()
    stolen = person.refresh
    person.renew()
    person.renew()  # for a moment the token before still counts: two tabs may renew at once
    refused(person.call("POST", "/v1/sessions/refresh", {"refresh_token": stolen}), 401, "session-ended")
    with Nothing(two):
        for token in (stolen, person.refresh, stolen[:-2] + "AA", "x", f"{uuid4().hex}.x"):
            refused(person.call("POST", "/v1/sessions/refresh", {"refresh_token": token}), 401, "session-ended")
    person.sign_in()


@pytest.mark.parametrize(
    ("method", "path", "first", "other"),
    [
        ("PUT", "/v1/availability", HOURS | {"minutes": 60}, HOURS | {"minutes": 50}),
        ("PUT", "/v1/me/profile", NAMED, NAMED | {"name": "B"}),
    ],
)
def test_a_key_with_another_request_is_refused(two: Two, method: str, path: str, first: Any, other: Any) -> None:
    person = two.therapists[0]
    key = {"Idempotency-Key": str(uuid4())}
    done = expect(person.call(method, path, first, key), 200)
    with Nothing(two):
        refused(person.call(method, path, other, key), 422, "idempotency-key-reused")
        repeated = expect(person.call(method, path, first, key), 200)
    assert repeated.json() == done.json()


def test_a_booking_with_the_same_key_is_one_booking(two: Two) -> None:
    patient, path = two.patients[0], f"/v1/appointments/{uuid4()}"
    first, other = two.wish(0, 0), two.wish(0, 5)
    done = expect(patient.call("PUT", path, first, AGAIN), 201)
    with Nothing(two):
        assert expect(patient.call("PUT", path, first, AGAIN), 201).json() == done.json()
        refused(patient.call("PUT", path, other, AGAIN), 422, "idempotency-key-reused")
        refused(patient.call("PUT", f"/v1/appointments/{uuid4()}", first, AGAIN), 422, "idempotency-key-reused")
        refused(patient.call("PUT", path, other), 409, "appointment-already-booked")


@pytest.mark.parametrize("key", ["", "ä", "x" * 129, "two words"])
def test_a_key_that_is_none_is_malformed(two: Two, key: str) -> None:
    with Nothing(two):
        headers: Any = {"Idempotency-Key": key.encode()}
        answer = two.therapists[0].call("PUT", "/v1/availability", HOURS | {"minutes": 60}, headers)
        refused(answer, 400, "malformed")


def test_an_old_version_is_not_changed(two: Two) -> None:
    therapist, admin, patient = two.therapists[0], two.harbour.administrator, two.patients[0]
    appointment = f"/v1/appointments/{uuid4()}"
    expect(patient.call("PUT", appointment, two.wish(0, 8)), 201)
    delivery = expect(admin.call("GET", "/v1/deliveries"), 200).json()["items"][0]["id"]
    with Nothing(two):
        for who, method, path, body in (
            (therapist, "PUT", "/v1/availability", HOURS | {"minutes": 60}),
            (therapist, "PUT", "/v1/me/profile", NAMED),
            (admin, "PUT", f"/v1/members/{therapist.id}/roles", {"roles": ["therapist"]}),
            (patient, "POST", f"{appointment}/cancellation", {"reason": ""}),
            (admin, "POST", f"/v1/deliveries/{delivery}/redrive", None),
        ):
            refused(who.call(method, path, body, {"If-Match": '"77"'}), 412, "version-conflict")


def test_a_code_works_for_what_it_was_made_for_and_once(two: Two) -> None:
    codes = {
        "setup": two.link.split("#code=")[1],
        "invitation": two.platform.mailbox.expect(two.therapists[0].email, "invit").code,
        "verification": two.platform.mailbox.expect(two.patients[0].email, "confirm").code,
    }
    admin = {"name": "Eve", "email": "eve@harbour.example", "password": "umbrella-tortoise-lagoon", "zone": "UTC"}
    opening = {"organisation": {"name": "Pirates", "zone": "UTC", "locale": "en"}, "administrator": admin}
    joining = {"password": "umbrella-tortoise-lagoon", "zone": "UTC"}
    stranger = Person(two.platform.base, "Eve", "eve@harbour.example")
    with Nothing(two):
        refused(stranger.call("POST", "/v1/setup", opening | {"code": codes["setup"]}), 409, "code-used")
        # A link in a mail is followed twice: the second time changes nothing, whatever the password.
        expect(stranger.call("POST", "/v1/invitations/acceptance", joining | {"code": codes["invitation"]}), 200)
        confirming = {"password": two.patients[0].password}
        expect(stranger.call("POST", "/v1/verifications", confirming | {"code": codes["verification"]}), 200)
        for name, path, body in (
            ("invitation", "/v1/setup", opening),
            ("verification", "/v1/setup", opening),
            ("setup", "/v1/invitations/acceptance", joining),
            ("verification", "/v1/invitations/acceptance", joining),
            ("setup", "/v1/registrations/cancellation", {}),
        ):
            refused(stranger.call("POST", path, body | {"code": codes[name]}), 400, "code-invalid")
        for name in ("setup", "invitation"):
            answer = stranger.call("POST", "/v1/verifications", confirming | {"code": codes[name]})
            refused(answer, 400, "verification-failed")


def test_an_id_that_another_clinic_uses_shows_nothing_of_it(two: Two) -> None:
    """Callers choose identifiers. One that means something elsewhere is free here, and what is there stays as it is."""
    patients, path = two.patients, f"/v1/appointments/{uuid4()}"
    expect(patients[0].call("PUT", path, two.wish(0, 11)), 201)
    shown = expect(patients[0].call("GET", path), 200).json()
    with Nothing(two):
        refused(patients[1].call("GET", path), 404, "not-found")
        refused(patients[1].call("POST", f"{path}/cancellation", {"reason": ""}), 404, "not-found")
        refused(patients[1].call("PUT", path, two.wish(0, 12)), 404, "not-found")
    expect(patients[1].call("PUT", path, two.wish(1)), 201)
    expect(patients[1].call("POST", f"{path}/cancellation", {"reason": ""}), 200)
    assert expect(patients[0].call("GET", path), 200).json() == shown
