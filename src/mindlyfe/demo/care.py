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
REMINDERS: Final = "/v1/workflows/appointment-reminder"


@dataclass(slots=True)
class Care:
    """Goes on where the main job ends, in its clinic."""

    story: Story
    chloe: Person = field(init=False)
    kwame: Person = field(init=False)
    hana: Person = field(init=False)
    leila: Person = field(init=False)
    escalation: str = ""
    shown: str = ""
    """How Leila's clock shows her appointment."""

    def play(self) -> None:
        """All steps in order. Raises AssertionError only when a step that others need could not be done."""
        self._a_series_crosses_the_change_of_clocks()
        self._a_note_is_signed()
        self._somebody_is_called()
        self._a_call_is_booked()
        self._a_slot_goes_to_who_waits()
        self._the_reminder_came()
        self._the_second_one_answers()

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

    def _a_call_is_booked(self) -> None:
        therapist, clinic = self.story.therapist, self.story.clinic
        hours = {"zone": "UTC", "weekly": ALWAYS, "minutes": 10, "step_minutes": 5, "horizon_days": 2, "name": "Calls"}
        self.leila = leila = clinic.register("Leila Shrestha", "leila", "Asia/Kathmandu")
        with self.story.report.step("a clinic lets reminders come when it wants, and a patient books") as step:
            schedule = expect(therapist.call("POST", "/v1/schedules", hours), 201).json()["schedule"]
            now = datetime.now(UTC)
            times = f"from={stamp(now + timedelta(minutes=7))}&to={stamp(now + timedelta(hours=6))}&schedule={schedule}"
            slots = expect(leila.call("GET", f"/v1/therapists/{therapist.id}/slots?{times}"), 200).json()["items"]
            start = moment(slots[0]["starts_at"])
            ahead = max(5, int((start - datetime.now(UTC)).total_seconds() // 60))
            soon = {"step": "before", "key": "soon", "minutes": ahead}
            steps = [soon, {"step": "send", "key": "tell", "channels": ["email", "in-app"]}]
            expect(clinic.administrator.call("PUT", REMINDERS, {"workflow": {"steps": steps}}), 200)
            wish = {"therapist": therapist.id, "starts_at": slots[0]["starts_at"], "schedule": schedule}
            expect(leila.call("PUT", f"/v1/appointments/{uuid4()}", wish), 201)
            self.shown = f"{start.astimezone(ZoneInfo('Asia/Kathmandu')):%H:%M} (Asia/Kathmandu)"
            step.found(f"{ahead} minutes before {start:%H:%M} UTC")

    def _the_reminder_came(self) -> None:
        clinic = self.story.clinic
        with self.story.report.step("the reminder came when it was due, by the clocks where the patient is") as step:
            mail = clinic.mailbox.expect(self.leila.email, "your appointment", count=2, patience_s=90)
            assert "this is about" in mail.text, mail.text
            assert self.shown in mail.text, mail.text
            expect(clinic.administrator.call("DELETE", REMINDERS), 200, 204)
            step.found(self.shown)

    def _somebody_is_called(self) -> None:
        story, clinic = self.story, self.story.clinic
        with story.report.step("a therapist raises an alarm; the first on duty is called") as step:
            self.kwame = clinic.invite("Kwame Mensah", "kwame", "therapist")
            self.hana = clinic.invite("Dr Hana Sato", "hana", "supervisor")
            shift = {"from": "00:00", "to": "24:00"}
            weekly = [
                shift | {"person": person.id, "weekday": day, "rank": rank}
                for rank, person in enumerate((self.kwame, self.hana), 1)
                for day in range(1, 8)
            ]
            rota = {"zone": "Europe/London", "weekly": weekly}
            expect(clinic.administrator.call("PUT", "/v1/duty-rota", rota), 200)
            wish = {"subject": story.patient.id, "minutes": 1}
            raised = expect(story.therapist.call("POST", "/v1/escalations", wish), 201).json()
            self.escalation = f"/v1/escalations/{raised['escalation']}"
            mail = clinic.mailbox.expect(self.kwame.email, "safety task")
            assert story.patient.name.split()[0] not in mail.subject + mail.text, "a mail names the patient"
            step.found("by a mail that names nobody; a minute to answer")

    def _the_second_one_answers(self) -> None:
        with self.story.report.step(
            "the first does not answer: the second is called, acknowledges, says what came"
        ) as step:
            self.story.clinic.mailbox.expect(self.hana.email, "safety task", patience_s=90)
            expect(self.hana.call("POST", f"{self.escalation}/acknowledgement"), 200)
            standing = expect(self.hana.call("GET", self.escalation), 200).json()
            assert standing["called"] == [self.kwame.id, self.hana.id], standing
            assert standing["acknowledged_by"] == self.hana.id, standing
            done = expect(self.hana.call("POST", f"{self.escalation}/outcome", {"outcome": "reached"}), 200).json()
            assert done["status"] == "closed", done
            step.found("Mensah, then Sato; closed with an outcome")

    def _a_slot_goes_to_who_waits(self) -> None:
        story, therapist = self.story, self.kwame
        day = (datetime.now(LONDON) + timedelta(days=3)).isoweekday()
        only = {"zone": "Europe/London", "weekly": [{"weekday": day, "from": "10:00", "to": "10:50"}], "minutes": 50}
        expect(therapist.call("PUT", "/v1/availability", only | {"horizon_days": 6, "offer_minutes": 1}), 200)
        with story.report.step("a slot that is given back is offered to who waits; unanswered, to the next") as step:
            now = datetime.now(UTC)
            times = f"from={stamp(now)}&to={stamp(now + timedelta(days=7))}"
            found = story.patient.call("GET", f"/v1/therapists/{therapist.id}/slots?{times}")
            (slot,) = expect(found, 200).json()["items"]
            appointment = f"/v1/appointments/{uuid4()}"
            wish = {"therapist": therapist.id, "starts_at": slot["starts_at"]}
            expect(story.patient.call("PUT", appointment, wish), 201)
            wishes = {"wishes": {"zone": awake(now), "therapist": therapist.id, "short_notice": True}}
            mateo, yuki = (story.clinic.register(name, name.lower()) for name in ("Mateo", "Yuki"))
            for person in (mateo, yuki):
                expect(person.call("PUT", f"/v1/waits/{uuid4()}", wishes), 201)
            expect(story.patient.call("POST", f"{appointment}/cancellation", {}), 200)
            story.mailbox.expect(mateo.email, "free for you")
            missed = self._offered(mateo)
            assert not [mail for mail in story.mailbox.of(yuki.email) if "free for you" in mail.subject]
            story.mailbox.expect(yuki.email, "free for you", patience_s=100)
            assert expect(mateo.call("GET", missed), 200).json()["outcome"] == "expired"
            refused(mateo.call("POST", f"{missed}/acceptance"), 409)
            expect(yuki.call("POST", f"{self._offered(yuki)}/acceptance"), 200)
            mine = expect(yuki.call("GET", "/v1/appointments"), 200).json()["items"]
            assert [one["starts_at"] for one in mine] == [slot["starts_at"]], mine
            step.found("expired after a minute for the first; the second has it")

    def _offered(self, person: Person) -> str:
        """Where the one offer is that is open for somebody."""
        items = expect(person.call("GET", "/v1/me/offers"), 200).json()["items"]
        assert len(items) == 1, items
        return f"/v1/offers/{items[0]['id']}"


def awake(now: datetime) -> str:
    """A zone in which it is day for some hours to come: no offer ends by night."""
    zones = ("America/Sao_Paulo", "Europe/London", "Asia/Kathmandu", "Pacific/Auckland", "America/Los_Angeles")
    return next(zone for zone in zones if 9 <= now.astimezone(ZoneInfo(zone)).hour < 19)


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
