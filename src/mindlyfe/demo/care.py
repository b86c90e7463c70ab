"""What treatment takes beside booking: a series across a change of clocks, a note, a reminder, an offer, an alarm."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import icalendar
import recurring_ical_events  # type: ignore[import-untyped]

from mindlyfe.demo.person import Person, expect, refused
from mindlyfe.demo.story import Story, stamp

LONDON: Final = ZoneInfo("Europe/London")
EVENINGS: Final = [{"weekday": day, "from": "18:00", "to": "21:00"} for day in range(1, 8)]
ALWAYS: Final = [{"weekday": day, "from": "00:00", "to": "24:00"} for day in range(1, 8)]
SOAP: Final = "soap"


@dataclass(slots=True)
class Care:
    """Goes on where the main job ends, in its clinic."""

    story: Story
    chloe: Person = field(init=False)

    def play(self) -> None:
        """All steps in order. Raises AssertionError only when a step that others need could not be done."""
        self._a_series_crosses_the_change_of_clocks()
        self._a_note_is_signed()
        self._a_reminder_comes()

    def _a_series_crosses_the_change_of_clocks(self) -> None:
        therapist, report = self.story.therapist, self.story.report
        hours = {"zone": "Europe/London", "weekly": EVENINGS, "minutes": 50, "horizon_days": 400, "name": "Evenings"}
        schedule = expect(therapist.call("POST", "/v1/schedules", hours), 201).json()["schedule"]
        self.chloe = self.story.clinic.register("Chloé Dubois", "chloe", "Europe/Paris")
        series = f"/v1/series/{uuid4()}"
        with report.step("a series of six weeks keeps its hour across the change of clocks") as step:
            first = before_change(datetime.now(UTC)).replace(hour=18)
            wish = {"therapist": therapist.id, "starts_at": stamp(first.astimezone(UTC)), "count": 6}
            booked = expect(self.chloe.call("PUT", series, wish | {"schedule": schedule}), 201).json()["occurrences"]
            starts = [moment(one["starts_at"]) for one in booked]
            assert {one.astimezone(LONDON).hour for one in starts} == {18}, starts
            assert len({one.hour for one in starts}) == 2, f"no change of clocks in {starts}"
            step.found(f"18:00 in London, {' and '.join(sorted({f'{one:%H:%M}' for one in starts}))} UTC")
        with report.step("one occurrence is moved; the others stay, and no calendar shows it twice") as step:
            third = booked[2]
            later = stamp((moment(third["starts_at"]).astimezone(LONDON) + timedelta(days=1)).astimezone(UTC))
            path = f"/v1/appointments/{third['appointment']}/move"
            expect(self.chloe.call("POST", path, {"starts_at": later, "schedule": schedule}), 200)
            now = expect(self.chloe.call("GET", series), 200).json()["occurrences"]
            moved = [
                one["number"] for one, was in zip(now, booked, strict=True) if one["starts_at"] != was["starts_at"]
            ]
            assert moved == [3], f"moved: {moved}"
            wanted = sorted(moment(one["starts_at"]) for one in now)
            address = expect(self.chloe.call("POST", "/v1/me/calendar-subscription"), 201).json()["url"]
            shown = read(address, wanted[0] - timedelta(days=1), wanted[-1] + timedelta(days=1))
            assert shown == wanted, f"the calendar shows {shown}, not {wanted}"
            step.found("the third, by a day; a subscribed calendar shows the same six")

    def _a_note_is_signed(self) -> None:
        therapist, patient = self.story.therapist, self.story.patient
        clinic, place = self.story.clinic, f"/v1/patients/{self.story.patient.id}/notes/{uuid4()}"
        with self.story.report.step("a note is signed, locked and gets an addendum; the proof holds") as step:
            care = {"patient": patient.id, "clinician": therapist.id}
            expect(clinic.administrator.call("PUT", f"/v1/care-relationships/{uuid4()}", care), 200, 201)
            templates = expect(therapist.call("GET", "/v1/note-templates"), 200).json()["items"]
            soap = next(one for one in templates if one["name"].lower() == SOAP)
            expect(therapist.call("PUT", place, {"template": soap["id"]}), 201)
            text = {"base": [], "sections": [{"section": "subjective", "text": "She slept badly, and says so."}]}
            revision = str(uuid4())
            expect(therapist.call("PUT", f"{place}/revisions/{revision}", text), 200, 201)
            expect(therapist.call("POST", f"{place}/signature", {"revision": revision}), 200)
            other = {"base": [revision], "sections": [{"section": "subjective", "text": "She slept well."}]}
            refused(therapist.call("PUT", f"{place}/revisions/{uuid4()}", other), 409)
            expect(therapist.call("PUT", f"{place}/addenda/{uuid4()}", {"text": "By telephone: better now."}), 201)
            proof = expect(therapist.call("GET", f"{place}/verification"), 200).json()
            assert proof["holds"], proof
            refused(clinic.administrator.call("GET", place), 403)
            step.found(f"{len(proof['checks'])} hashes hold; a change after signing is refused, the administrator too")

    def _a_reminder_comes(self) -> None:
        therapist, clinic = self.story.therapist, self.story.clinic
        hours = {"zone": "UTC", "weekly": ALWAYS, "minutes": 10, "step_minutes": 5, "horizon_days": 2, "name": "Calls"}
        schedule = expect(therapist.call("POST", "/v1/schedules", hours), 201).json()["schedule"]
        leila = clinic.register("Leila Shrestha", "leila", "Asia/Kathmandu")
        with self.story.report.step("a reminder comes when it is due, by the clocks where the patient is") as step:
            now = datetime.now(UTC)
            times = f"from={stamp(now + timedelta(minutes=7))}&to={stamp(now + timedelta(hours=6))}&schedule={schedule}"
            slots = expect(leila.call("GET", f"/v1/therapists/{therapist.id}/slots?{times}"), 200).json()["items"]
            start = moment(slots[0]["starts_at"])
            ahead = max(5, int((start - datetime.now(UTC)).total_seconds() // 60))
            soon = {"step": "before", "key": "soon", "minutes": ahead}
            steps = [soon, {"step": "send", "key": "tell", "channels": ["email", "in-app"]}]
            workflow = "/v1/workflows/appointment-reminder"
            expect(clinic.administrator.call("PUT", workflow, {"workflow": {"steps": steps}}), 200)
            wish = {"therapist": therapist.id, "starts_at": slots[0]["starts_at"], "schedule": schedule}
            expect(leila.call("PUT", f"/v1/appointments/{uuid4()}", wish), 201)
            mail = clinic.mailbox.expect(leila.email, "your appointment", count=2, patience_s=90)
            assert "this is about" in mail.text, mail.text
            shown = f"{start.astimezone(ZoneInfo('Asia/Kathmandu')):%H:%M} (Asia/Kathmandu)"
            assert shown in mail.text, mail.text
            expect(clinic.administrator.call("DELETE", workflow), 200, 204)
            step.found(f"{ahead} minutes before, {shown}")


def before_change(now: datetime) -> datetime:
    """A day by London's clocks, at least a week ahead and two weeks before they change next."""
    day = now.astimezone(LONDON).replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=8)
    while (day + timedelta(days=14)).utcoffset() == (day + timedelta(days=15)).utcoffset():
        day += timedelta(days=1)
    return day


def moment(text: str) -> datetime:
    """An instant of the API."""
    return datetime.fromisoformat(text)


def read(address: str, start: datetime, end: datetime) -> list[datetime]:
    """When a calendar app shows appointments, of those that stand."""
    answer = httpx.get(address, timeout=20)
    answer.raise_for_status()
    calendar: Any = icalendar.Calendar.from_ical(answer.content)
    events: list[Any] = recurring_ical_events.of(calendar).between(start, end)
    return sorted(one["DTSTART"].dt.astimezone(UTC) for one in events if one.get("STATUS") != "CANCELLED")
