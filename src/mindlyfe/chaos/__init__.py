"""Chaos: kills parts of a running platform while bookings run, then checks that nothing acknowledged was lost."""

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mindlyfe.chaos import invariants
from mindlyfe.chaos.bookers import Bookers
from mindlyfe.chaos.killer import Killer
from mindlyfe.demo.clinic import Clinic
from mindlyfe.demo.mail import Mailbox
from mindlyfe.demo.person import Person, expect
from mindlyfe.demo.report import Report
from mindlyfe.demo.second import command
from mindlyfe.demo.story import WEEK, stamp

__all__ = ["run"]

CLIENTS = 16
THERAPISTS = 4


def run(base: str, data: Path, link: str, *, kills: int, seed: int, as_json: bool) -> int:
    """Kill `kills` times in the instance at `base` whose data is in `data`. Returns 0 only when every invariant holds.

    `link` is an unused set-up link: the bookings get a clinic of their own.
    """
    report = Report(as_json, "MindLyfe chaos")
    mailbox = Mailbox(f"{base}/dev/mailbox")
    with report.step(f"a clinic with {THERAPISTS} therapists and {CLIENTS} patients"):
        bookers = _clinic(base, mailbox, link, seed)
    if report.held:
        killer = Killer(data, bookers.ledger, seed)
        with report.step(f"{kills} kills while {CLIENTS} clients book") as step:
            bookers.start()
            try:
                killer.run(kills)
            finally:
                bookers.stop()
            step.found(", ".join(str(kill) for kill in killer.kills))
        _check(report, bookers, mailbox, data)
    report.show()
    return 0 if report.held else 1


def _check(report: Report, bookers: Bookers, mailbox: Mailbox, data: Path) -> None:
    ledger = bookers.ledger
    with report.step("every request got a definite, right answer") as step:
        assert not ledger.wrong, "; ".join(ledger.wrong[:5])
        assert len(ledger.booked) > CLIENTS, f"only {len(ledger.booked)} bookings"
        step.found(f"{len(ledger.booked)} booked, {ledger.refused} refused, {ledger.retried} asked again")
    with report.step("every acknowledged booking is there exactly once") as step:
        step.found(invariants.booked_once(ledger))
    with report.step("both were told of each at once and by schedule, under one message id each") as step:
        step.found(invariants.told_under_one_id(ledger, mailbox))
    with report.step("projections equal a rebuild") as step:
        step.found(command("projections", "verify", "--data-dir", str(data)).strip().splitlines()[-1])
    with report.step("the audit chain verifies") as step:
        step.found(command("audit", "verify", "--data-dir", str(data)).strip().splitlines()[-1])


def _clinic(base: str, mailbox: Mailbox, link: str, seed: int) -> Bookers:
    clinic = Clinic.open(base, mailbox, f"chaos{secrets.token_hex(3)}", "Harbour Clinic", link)
    therapists = [clinic.invite(f"Therapist {n}", f"therapist{n}", "therapist") for n in range(THERAPISTS)]
    hours = {"zone": "Europe/London", "weekly": WEEK, "minutes": 5, "horizon_days": 90}
    for therapist in therapists:
        expect(therapist.call("PUT", "/v1/availability", hours), 200, 201)
    # Of each booking a mail goes out at once and another a minute later: it lies in the schedule while parts die.
    tell = [{"step": "send", "key": key, "channels": ["email", "in-app"]} for key in invariants.TOLD]
    steps = {"workflow": {"steps": [tell[0], {"step": "delay", "key": "rest", "minutes": 1}, tell[1]]}}
    expect(clinic.administrator.call("PUT", "/v1/workflows/appointment-booked", steps), 200)
    patients = clinic.register_many(CLIENTS)
    return Bookers(patients, [(t, slot) for t in therapists for slot in _slots(patients[0], t)], seed)


def _slots(patient: Person, therapist: Person) -> list[str]:
    begin = datetime.now(UTC) + timedelta(days=3)  # no reminder is due while it goes on
    between = f"from={stamp(begin)}&to={stamp(begin + timedelta(days=60))}"
    page = expect(patient.call("GET", f"/v1/therapists/{therapist.id}/slots?{between}"), 200).json()
    return [slot["starts_at"] for slot in page["items"]]
