"""People are told what became of what they asked for: at their hours, and for the last time before they are gone."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from mindlyfe.demo.clinic import Clinic
from mindlyfe.demo.person import Person, expect

PATIENCE_S = 30.0


def deliveries(person: Person, kind: str) -> list[dict[str, Any]]:
    """What the person sees of mails of this kind, once there is one."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        items = expect(person.call("GET", "/v1/deliveries"), 200).json()["items"]
        if found := [one for one in items if (one["kind"], one["channel"]) == (kind, "email")]:
            return found
        assert time.monotonic() < deadline, f"nobody wants to send {kind}"
        time.sleep(0.1)


def held(person: Person, kind: str, hour: int) -> None:
    """Waits until the only message of this kind waits for that hour."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        [one] = deliveries(person, kind)
        at = one["next_attempt_at"]
        assert (one["status"], one["attempts"]) == ("waiting", 0)
        if at > one["requested_at"]:
            assert at[11:16] == f"{hour:02}:00"
            return
        assert time.monotonic() < deadline, f"{kind} does not wait for its hour"
        time.sleep(0.1)


def test_best_hours_hold_what_is_not_urgent_and_nothing_else(platform: Any) -> None:
    clinic = Clinic.open(platform.base, platform.mailbox, "hours", "Harbour Clinic", platform.setup_link())
    fatima, hour = clinic.register("Fatima Yusuf", "fatima"), (datetime.now(UTC) + timedelta(hours=3)).hour
    safe = {"hours": [{"from": f"{hour:02}:00", "to": f"{hour + 1:02}:00"}], "sender": "Aunt Hodan"}
    profile = {"name": fatima.name, "zone": "UTC", "locale": "en-GB"}
    expect(fatima.call("PUT", "/v1/me/profile", profile | {"safe_contact": safe}), 200)
    expect(fatima.call("POST", "/v1/me/exports"), 202)
    held(fatima, "export-ready", hour)
    expect(fatima.call("POST", "/v1/recoveries", {"email": fatima.email}), 202)
    assert platform.mailbox.expect(fatima.email, "new password").sender.startswith("Aunt Hodan <")
    assert not [mail for mail in platform.mailbox.of(fatima.email) if "ready" in mail.subject]


def test_each_outcome_is_told_once_and_the_last_before_the_address_is_gone(platform: Any) -> None:
    clinic = Clinic.open(platform.base, platform.mailbox, "outcomes", "Harbour Clinic", platform.setup_link())
    admin, pat = clinic.administrator, clinic.register("Pat Quill", "pat")
    expect(pat.call("POST", "/v1/me/exports"), 202)
    assert "seven days" in platform.mailbox.expect(pat.email, "ready").text
    wish = {"what": "name", "words": "Matterhorn-words"}
    asked = expect(pat.call("POST", "/v1/me/corrections", wish), 201).json()
    answer = {"decision": "decline", "reason": "Eiger-reason"}
    expect(admin.call("POST", f"/v1/corrections/{asked['id']}/decision", answer), 200)
    assert "has answered" in platform.mailbox.expect(pat.email, "an answer").text

    assert expect(pat.call("POST", "/v1/me/erasure-request"), 202).json()["status"] == "granted"
    last = platform.mailbox.expect(pat.email, "an answer", count=2)
    assert "the last message" in " ".join(last.text.split())
    deadline = time.monotonic() + 2 * PATIENCE_S
    again = {"email": pat.email, "password": pat.password, "delivery": "bearer"}
    while expect(pat.call("POST", "/v1/sessions", again), 201, 401, 403).status_code != 401:
        assert time.monotonic() < deadline, "the account is still there"
        time.sleep(0.3)
    platform.settled()
    mails = platform.mailbox.of(pat.email)
    assert [mail.subject for mail in mails].count("An answer for you") == 2
    assert len({mail.message_id for mail in mails}) == len(mails)
    for mail in mails:
        assert not [word for word in ("Matterhorn", "Eiger", "erase") if word in mail.subject + mail.text]
