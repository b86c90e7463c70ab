"""Reminders of appointments: at their moments, for the time that holds, by what the clinic and the patient want."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from tests.notifications.scheduling import carried_out, scheduling

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.identity.contract.profiles import BestHours
from mindlyfe.kernel.messages import Event, PersonId
from mindlyfe.notifications.contract.workflows import Before, Send, Workflow
from mindlyfe.therapy.contract import AppointmentBookedV1, AppointmentCancelledV1, AppointmentId
from mindlyfe.therapy.contract.bookings import AppointmentDeclinedV1, AppointmentMovedV1

TIM = PersonId(UUID(int=3))
HOUR = timedelta(hours=1)


class Appointment:
    """One appointment, of which therapy tells; nothing but its reminders is looked at."""

    def __init__(self, office: Any, *, hours: float) -> None:
        self.office, self.id, self.patient = office, AppointmentId(uuid4()), PersonId(uuid4())
        self.starts_at = (office.watch() + hours * HOUR).replace(microsecond=0)
        self.version = 0
        self.stands()

    def stands(self, **how: Any) -> None:
        """What therapy answers when it is asked."""
        self.office.neighbours.diary[self.id] = {"starts_at": self.starts_at, "status": "booked", **how}

    async def told(self, event: Event, version: int | None = None) -> None:
        self.version = version or self.version + 1
        await self.office.tell(event, stream=self.id, version=self.version)

    async def booked(self, version: int | None = None) -> None:
        people = {"patient": self.patient, "therapist": TIM}
        await self.told(
            AppointmentBookedV1(appointment=self.id, starts_at=self.starts_at, minutes=50, **people), version
        )

    async def moved(self, *, hours: float, version: int | None = None) -> None:
        self.starts_at += hours * HOUR
        self.stands()
        await self.told(
            AppointmentMovedV1(
                appointment=self.id,
                patient=self.patient,
                therapist=TIM,
                was_with=TIM,
                starts_at=self.starts_at,
                minutes=50,
                by=TIM,
            ),
            version,
        )

    async def cancelled(self, version: int | None = None) -> None:
        self.stands(status="cancelled")
        event = AppointmentCancelledV1(appointment=self.id, patient=self.patient, therapist=TIM, by=TIM, late=False)
        await self.told(event, version)

    async def declined(self) -> None:
        await self.told(AppointmentDeclinedV1(appointment=self.id, patient=self.patient, therapist=TIM))

    async def reminders(self) -> list[dict[str, Any]]:
        """What was asked for until now, newest first."""
        async with scheduling(self.office):
            await carried_out(self.office)
        return [
            one
            for one in await self.office.deliveries()
            if one["kind"] == "appointment-reminder" and one["recipient"] == str(self.patient)
        ]

    async def at(self, *, before: float) -> list[dict[str, Any]]:
        """The reminders asked for by so many hours before the start."""
        self.office.watch.ahead = self.starts_at - before * HOUR - datetime.now(UTC)
        return await self.reminders()


async def test_the_patient_is_reminded_two_days_a_day_and_an_hour_before(office: Any) -> None:
    it = Appointment(office, hours=72)
    await it.booked()
    seen = [len(await it.at(before=hours)) for hours in (48.1, 48, 24.1, 24, 1.1, 1, 0)]
    assert seen == [0, 1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize(("booked_before", "seen"), [(30, [0, 1, 2]), (3, [0, 0, 1]), (0.5, [0, 0, 0])])
async def test_what_has_passed_is_not_sent_late(office: Any, booked_before: float, seen: list[int]) -> None:
    it = Appointment(office, hours=booked_before)
    await it.booked()
    moments = [max(0.4, min(hours, booked_before)) for hours in (30, 24, 1)]
    assert [len(await it.at(before=hours - 0.01)) for hours in moments] == seen


async def test_a_reminder_says_when_by_the_readers_clock_and_gives_nothing_away(office: Any) -> None:
    it = Appointment(office, hours=30)
    await it.booked()
    office.watch.ahead = timedelta(hours=6, minutes=1)
    await it.reminders()
    async with office.sending():
        await office.pass_(seconds=7 * 3600)
        await office.settled()
    [mail] = [one for one in office.post.mails if "this is about" in one.get_body(("plain",)).get_content()]
    assert mail["Subject"] == "Your appointment"
    assert (it.starts_at + timedelta(hours=5, minutes=45)).strftime("%H:%M (Asia/Kathmandu)") in mail.get_body(
        ("plain",)
    ).get_content()


async def test_reminders_move_with_the_appointment(office: Any) -> None:
    it = Appointment(office, hours=30)
    await it.booked()
    assert len(await it.at(before=24)) == 1
    await it.moved(hours=72)
    assert [len(await it.at(before=hours)) for hours in (48.1, 48, 24, 1)] == [1, 2, 3, 4]


@pytest.mark.parametrize("end", ["cancelled", "declined"])
async def test_reminders_end_with_the_appointment(office: Any, end: str) -> None:
    it = Appointment(office, hours=72)
    await it.booked()
    await getattr(it, end)()
    assert await it.at(before=0.5) == []


async def test_what_was_cancelled_before_it_was_heard_to_be_booked_is_not_reminded_of(office: Any) -> None:
    it = Appointment(office, hours=72)
    await it.cancelled(version=3)
    await it.moved(hours=1, version=2)
    await it.booked(version=1)
    assert await it.at(before=0.5) == []


async def test_it_is_looked_up_again_before_it_is_sent(office: Any) -> None:
    """It was cancelled, and nobody has told us yet."""
    it = Appointment(office, hours=30)
    await it.booked()
    office.watch.ahead = timedelta(hours=6, minutes=1)
    [asked] = await it.reminders()
    it.stands(status="cancelled")
    async with office.sending():
        await office.pass_(seconds=7 * 3600)
        await office.settled()
    [withdrawn] = await it.reminders()
    assert (withdrawn["id"], withdrawn["status"]) == (asked["id"], "withdrawn")
    assert withdrawn["last_error"] == "appointment-changed"


async def test_in_quiet_hours_that_end_too_late_it_is_not_sent_at_all(office: Any) -> None:
    it = Appointment(office, hours=2)
    quiet = {"quiet": [{"from": "00:00", "to": "24:00"}]}
    answer = await office.put("/v1/preferences", "patient", json=quiet, person=it.patient)
    assert answer.status_code == 200, answer.text
    await it.booked()
    await it.at(before=1)
    async with office.sending():
        await office.pass_(seconds=2 * 3600)
        await office.settled()
    [reminder] = await it.reminders()
    assert (reminder["status"], reminder["last_error"]) == ("withdrawn", "quiet-hours")


async def test_it_waits_for_the_best_hours(office: Any) -> None:
    it = Appointment(office, hours=30)
    begin = datetime.now(UTC) + timedelta(hours=9)
    hours = (BestHours(from_=f"{begin:%H}:00", to=f"{begin + HOUR:%H}:00"),)
    office.neighbours.wishes[it.patient] = {"hours": hours, "zone": "UTC"}
    await it.booked()
    office.watch.ahead = timedelta(hours=6, minutes=1)
    await it.reminders()
    async with office.sending():
        await office.pass_(seconds=7 * 3600)
        await office.settled()
    [held] = await it.reminders()
    assert (held["status"], held["next_attempt_at"][11:16]) == ("waiting", f"{begin:%H}:00")


async def test_a_patient_switches_reminders_off(office: Any) -> None:
    it = Appointment(office, hours=72)
    off = {"workflows": [{"workflow": "appointment-reminder", "channels": {"email": False}}]}
    assert (await office.put("/v1/preferences", "patient", json=off, person=it.patient)).status_code == 200
    await it.booked()
    assert await it.at(before=0.5) == []


async def test_a_clinic_sets_its_own_moments_and_what_runs_keeps_the_old(office: Any) -> None:
    before, after = Appointment(office, hours=72), Appointment(office, hours=72)
    await before.booked()
    own = Workflow(steps=(Before(key="early", minutes=60 * 60), Send(key="tell", channels=("email",))))
    answer = await office.put(
        "/v1/workflows/appointment-reminder", "clinic-admin", json={"workflow": msgspec.to_builtins(own)}
    )
    assert answer.json()["edition"] == "clinic/1", answer.text
    await after.booked()
    assert [len(await it.at(before=60)) for it in (before, after)] == [0, 1]
    assert [len(await it.at(before=48)) for it in (before, after)] == [1, 1]


async def test_the_survivor_of_a_merge_is_reminded(office: Any) -> None:
    it = Appointment(office, hours=72)
    await it.booked()
    duplicate, it.patient = it.patient, PersonId(uuid4())
    await office.tell(MemberMergedV1(merge=uuid4(), duplicate=duplicate, survivor=it.patient))
    assert len(await it.at(before=48)) == 1
    before = [one for one in await office.deliveries() if one["recipient"] == str(duplicate)]
    assert {one["kind"] for one in before} == {"account-merged-away"}


async def test_nobody_is_reminded_after_their_erasure(office: Any) -> None:
    it = Appointment(office, hours=72)
    await it.booked()
    await office.keys.erase(office.tenant, it.patient)
    assert await it.at(before=0.5) == []
    async with office.database.worker() as tx:
        assert await (await tx.execute("select count(*) from run where due_at is not null")).fetchone() == (0,)
