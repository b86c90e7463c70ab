"""What must hold after the kills: nothing promised is lost, nobody is told twice under two names, no copy diverges."""

import time
from collections import Counter
from typing import Final
from uuid import UUID

from mindlyfe.chaos.bookers import Ledger
from mindlyfe.demo.mail import Mailbox
from mindlyfe.demo.person import Person, expect
from mindlyfe.kernel.ids import derived, message_id

PATIENCE_S: Final = 300.0
SUBJECT: Final = "Your appointment"
TOLD: Final = ("tell", "again")
"""The steps by which a booking is told: at once, and when some time has passed."""


def booked_once(ledger: Ledger) -> str:
    """Every acknowledged booking is in its patient's list exactly once, and nothing else is there."""
    for patient in {id(p): p for p, _, _ in ledger.booked.values()}.values():
        promised = {a for a, (p, _, _) in ledger.booked.items() if p is patient}
        found = Counter(_appointments(patient))
        assert set(found) == promised, f"{len(promised - set(found))} lost, {len(set(found) - promised)} not asked for"
        assert max(found.values(), default=1) == 1, "an appointment is listed twice"
    return f"{len(ledger.booked)} acknowledged, {len(ledger.booked)} there"


def told_under_one_id(ledger: Ledger, mailbox: Mailbox) -> str:
    """Both of each booking were sent both mails, however often under one Message-ID, and none that nobody asked for."""
    expected: dict[str, set[str]] = {}
    for appointment, (patient, therapist, _) in ledger.booked.items():
        message = message_id("therapy", UUID(appointment), 1)
        for person in (patient, therapist):
            run = derived("run", person.tenant, "appointment-booked", person.id, message)
            deliveries = {str(derived("delivery", run, 1, key, "email")) for key in TOLD}
            expected.setdefault(person.email, set()).update(deliveries)
    mails, deadline = 0, time.monotonic() + PATIENCE_S
    for address, deliveries in expected.items():
        while True:
            sent = [mail.message_id for mail in mailbox.of(address) if mail.subject == SUBJECT]
            ids = {name.strip("<>").partition("@")[0] for name in sent}
            if ids == deliveries:
                break
            assert time.monotonic() < deadline, (
                f"{len(deliveries - ids)} mails missing, {len(ids - deliveries)} strange"
            )
            time.sleep(0.5)
        mails += len(sent)
    wanted = sum(len(ids) for ids in expected.values())
    return f"{wanted} deliveries, {mails} mails, {mails - wanted} sent again under the same id"


def _appointments(patient: Person) -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        page = expect(patient.call("GET", f"/v1/appointments?limit=200{cursor}"), 200).json()
        found += [item["id"] for item in page["items"]]
        if not page["next"]:
            return found
        cursor = f"&cursor={page['next']}"
