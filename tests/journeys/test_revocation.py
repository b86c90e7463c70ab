"""A session that is ended is over in every context within a second, open streams included."""

import time
from dataclasses import replace
from typing import Any

import pytest

from mindlyfe.demo.clinic import Clinic
from mindlyfe.demo.person import Person, expect, refused

ELSEWHERE = ("/v1/appointments", "/v1/deliveries", "/v1/me")
"""Routes of therapy, notifications and identity."""
WITHIN_S = 1.0


def again(person: Person) -> Person:
    """The same person at another device, with the same authenticator app."""
    other = replace(person)
    other.sign_in()
    return other


def seconds_until_refused(person: Person, path: str, since: float) -> float:
    while True:
        answer = person.call("GET", path)
        if answer.status_code == 401:
            refused(answer, 401, "invalid-token")
            return time.monotonic() - since
        expect(answer, 200)
        assert time.monotonic() - since < 10, f"{path} still answers"


@pytest.fixture
def clinic(platform: Any) -> Clinic:
    return Clinic.open(platform.base, platform.mailbox, "revocation", "Harbour", platform.setup_link())


def test_a_revoked_session_is_refused_everywhere_within_a_second(clinic: Clinic) -> None:
    desk = clinic.administrator
    lost = again(desk)
    for path in ELSEWHERE:
        expect(lost.call("GET", path), 200)
    sessions = expect(desk.call("GET", "/v1/me/sessions"), 200).json()["items"]
    [session] = [one["id"] for one in sessions if not one["current"]]
    expect(desk.call("DELETE", f"/v1/me/sessions/{session}"), 204)
    ended = time.monotonic()
    assert max(seconds_until_refused(lost, path, ended) for path in ELSEWHERE) < WITHIN_S
    for path in ELSEWHERE:
        expect(desk.call("GET", path), 200)
    lost.sign_in()
    expect(lost.call("GET", "/v1/deliveries"), 200)


def test_a_change_of_roles_counts_everywhere_within_a_second_and_a_refresh_brings_them(clinic: Clinic) -> None:
    ines = clinic.invite("Dr Ruiz", "ines", "reception")
    expect(ines.call("GET", "/v1/members"), 200)
    expect(clinic.administrator.call("PUT", f"/v1/members/{ines.id}/roles", {"roles": ["therapist"]}), 200)
    assert seconds_until_refused(ines, "/v1/appointments", time.monotonic()) < WITHIN_S
    ines.renew()
    expect(ines.call("GET", "/v1/appointments"), 200)
    refused(ines.call("GET", "/v1/members"), 403, "forbidden")


def test_a_stolen_refresh_token_ends_access_everywhere(clinic: Clinic) -> None:
    owner = again(clinic.administrator)
    stolen = owner.refresh
    owner.renew()
    time.sleep(10.2)
    thief = Person(owner.base, "Somebody", owner.email)
    refused(thief.call("POST", "/v1/sessions/refresh", {"refresh_token": stolen}), 401, "session-ended")
    found = time.monotonic()
    assert seconds_until_refused(owner, "/v1/deliveries", found) < WITHIN_S
    expect(clinic.administrator.call("GET", "/v1/deliveries"), 200)
