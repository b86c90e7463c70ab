"""Appointments in a calendar app: the secret address, what is read there, and when it counts no longer."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import icalendar
import pytest
from tests.therapy.adapters.http.test_series import DAY, MONDAY, WEEK, Scene
from tests.therapy.adapters.test_writing import read

from mindlyfe.identity.contract.members import MemberLeftV1
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.doorway import Doorway

MINE = "/v1/me/calendar-subscription"


async def opened(person: Any, **headers: str) -> str:
    """The path of a new address."""
    answer = await person.post(MINE, json=None, **headers)
    assert answer.status_code == 201, answer.text
    url: str = answer.json()["url"]
    assert url.startswith("http://localhost:8080/v1/calendars/")
    return url.removeprefix("http://localhost:8080")


async def fetched(clinic: Any, path: str, **headers: str) -> Any:
    """What a calendar app gets, that is not signed in."""
    return await clinic.http.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


async def events(clinic: Any, path: str) -> list[Any]:
    answer = await fetched(clinic, path)
    assert answer.status_code == 200, answer.text
    return list(icalendar.Calendar.from_ical(answer.content).walk("VEVENT"))


async def booked(patient: Any, therapist: Any, at: datetime) -> UUID:
    appointment = uuid4()
    assert (await patient.book(therapist, at, appointment)).status_code == 201
    return appointment


async def test_a_patients_calendar_says_when_and_nothing_else(clinic: Any, tomorrow: datetime) -> None:
    therapist = await clinic.therapist(kind="on-site", place="12 Harbour Street")
    patient = clinic.person("patient")
    appointment, path = await booked(patient, therapist, tomorrow), await opened(patient)
    answer = await fetched(clinic, path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-cache"
    calendar: Any = icalendar.Calendar.from_ical(answer.content)
    (one,) = calendar.walk("VEVENT")
    assert one["DTSTART"].dt == tomorrow
    assert one["DTSTART"].params["TZID"] == "Europe/London"
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/London"]
    assert (str(one["SUMMARY"]), str(one["UID"])) == ("Appointment", f"{appointment}@mindlyfe")
    for secret in (b"Harbour", str(therapist.id).encode(), str(patient.id).encode()):
        assert secret not in answer.content


async def test_a_therapists_calendar_shows_initials_only_where_they_want_that(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient = await clinic.therapist(), clinic.person("patient")
    await booked(patient, therapist, tomorrow)
    path = await opened(therapist)
    assert [str(one["SUMMARY"]) for one in await events(clinic, path)] == ["Busy"]
    shown = await therapist.put(MINE, json={"shows": "initials"})
    assert (shown.status_code, shown.json()["shows"]) == (200, "initials")
    assert [str(one["SUMMARY"]) for one in await events(clinic, path)] == ["A."]
    clinic.identity.patients.clear()
    assert [str(one["SUMMARY"]) for one in await events(clinic, path)] == ["Busy"]


async def test_a_cancelled_appointment_is_cancelled_there_with_a_higher_sequence(
    clinic: Any, tomorrow: datetime
) -> None:
    therapist, patient = await clinic.therapist(), clinic.person("patient")
    appointment, path = await booked(patient, therapist, tomorrow), await opened(patient)
    (before,) = await events(clinic, path)
    await patient.cancel(appointment)
    (after,) = await events(clinic, path)
    assert (str(before["STATUS"]), str(after["STATUS"])) == ("CONFIRMED", "CANCELLED")
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["UID"] == before["UID"]


async def test_a_series_is_one_rule_there_with_its_exceptions(clinic: Any) -> None:
    """Read by a library, the instants are those of our own calendar: across a change of clocks, moved and cancelled."""
    scene = Scene(clinic)
    await scene.open()
    found = await scene.booked()
    path = await opened(scene.patient)
    moved = {"starts_at": (MONDAY + WEEK + DAY).isoformat()}
    assert (await scene.patient.post(f"/v1/appointments/{found[1]['appointment']}/move", json=moved)).status_code == 200
    assert (await scene.patient.cancel(found[3]["appointment"])).status_code == 200
    document = (await fetched(clinic, path)).content
    ours = (await scene.patient.get("/v1/appointments", limit=100)).json()["items"]
    words = {"booked": "CONFIRMED", "cancelled": "CANCELLED"}
    told = sorted((datetime.fromisoformat(one["starts_at"]), 60, words[one["status"]]) for one in ours)
    assert read(document) == told
    rules = [one for one in await events(clinic, path) if "RRULE" in one]
    assert [str(one["UID"]) for one in rules] == [f"{scene.id}@mindlyfe"]
    clinic.clock.now = MONDAY + 3 * WEEK + timedelta(days=85)
    assert read((await fetched(clinic, path)).content) == told, "of a series that goes on, all"


async def test_what_follows_a_move_is_another_rule(clinic: Any) -> None:
    scene = Scene(clinic)
    await scene.open()
    await scene.booked()
    path = await opened(scene.therapist)
    wednesday = MONDAY + 2 * WEEK + 2 * DAY
    after = (await scene.step("continuation", number=3, starts_at=wednesday.isoformat())).json()
    rules = {str(one["UID"]): one["RRULE"]["COUNT"] for one in await events(clinic, path)}
    assert rules == {f"{scene.id}@mindlyfe": [2], f"{after['id']}@mindlyfe": [3]}


async def test_what_did_not_change_is_not_sent_again(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient = await clinic.therapist(), clinic.person("patient")
    path = await opened(patient)
    empty = (await fetched(clinic, path)).headers["etag"]
    await booked(patient, therapist, tomorrow)
    etag = (await fetched(clinic, path, if_none_match=empty)).headers["etag"]
    assert etag != empty
    for tags in (etag, f'"other", W/{etag}', "*"):
        again = await fetched(clinic, path, if_none_match=tags)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)


async def test_what_is_long_over_is_not_shown(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient = await clinic.therapist(), clinic.person("patient")
    await booked(patient, therapist, tomorrow)
    path = await opened(patient)
    clinic.clock.now += timedelta(days=90)
    assert len(await events(clinic, path)) == 1
    clinic.clock.now += timedelta(days=2)
    assert await events(clinic, path) == []


async def test_a_new_address_ends_the_one_before_and_is_shown_once(clinic: Any) -> None:
    patient = clinic.person("patient")
    first = await opened(patient, idempotency_key="one")
    assert await opened(patient, idempotency_key="one") == first, "the same request again"
    second = await opened(patient, idempotency_key="two")
    assert second != first
    refused(await fetched(clinic, first), 404, "not-found")
    assert (await fetched(clinic, second)).status_code == 200
    view = (await patient.get(MINE)).json()
    assert view == {"since": clinic.clock.now.isoformat().replace("+00:00", "Z"), "shows": "busy", "version": 2}
    assert second.split("/")[-1] not in str(view)


async def test_a_revoked_address_leads_nowhere(clinic: Any) -> None:
    patient = clinic.person("patient")
    path = await opened(patient)
    for status in (204, 404):
        assert (await clinic.http.delete(MINE, headers=patient.headers)).status_code == status
        refused(await fetched(clinic, path), 404, "not-found")
    assert (await patient.get(MINE)).json()["since"] is None


async def test_who_leaves_the_clinic_reads_no_more_of_it(clinic: Any) -> None:
    therapist = await clinic.therapist()
    path = await opened(therapist)
    clinic.identity.gone.add(therapist.id)
    for _ in range(2):
        await clinic.module.hears[MemberLeftV1](clinic.heard(MemberLeftV1(person=therapist.id, at=clinic.clock.now)))
    refused(await fetched(clinic, path), 404, "not-found")


@pytest.mark.parametrize("change", ["short", "letters", "suffix", "tenant", "bit", "text"])
async def test_an_address_that_is_not_right_in_every_letter_leads_nowhere(clinic: Any, change: str) -> None:
    path = await opened(clinic.person("patient"))
    folder, _, name = path.rpartition("/")
    secret = name.removesuffix(".ics")
    wrong = {
        "short": secret[:-4] + ".ics",
        "letters": secret.swapcase() + ".ics",
        "suffix": secret,
        "tenant": "AAAA" + secret[4:] + ".ics",
        "bit": secret[:-1] + ("A" if secret[-1] != "A" else "B") + ".ics",
        "text": "calendar.ics",
    }[change]
    refused(await fetched(clinic, f"{folder}/{wrong}"), 404, "not-found")


async def test_only_the_digest_of_an_address_is_kept(clinic: Any) -> None:
    patient = clinic.person("patient")
    path = await opened(patient)
    secret = path.rpartition("/")[2].removesuffix(".ics")
    async with clinic.database.app(clinic.tenant) as tx:
        rows = await (await tx.execute("select digest from subscription where person = %s", (patient.id,))).fetchall()
    [(digest,)] = rows
    assert len(digest) == 32
    assert secret.encode() not in digest


async def test_no_log_and_no_audit_holds_an_address(clinic: Any) -> None:
    path = await opened(clinic.person("patient"))
    secret = path.rpartition("/")[2].removesuffix(".ics")
    async with Doorway(clinic.module.routes, clinic.module.grants) as doorway:
        assert (await doorway.client.get(path)).status_code == 200
        refused(await doorway.client.get(path + "x"), 404, "not-found")
        written = str(list(doorway.log)) + str(doorway.audited) + str(clinic.audited)
    assert "/v1/calendars/{secret}" in written
    assert secret not in written


async def test_staff_needs_a_second_factor_for_an_address(clinic: Any) -> None:
    weak = clinic.person("therapist")
    weak.headers = clinic.signer.bearer("therapist", person=weak.id, tenant=clinic.tenant, aal=1)
    refused(await weak.post(MINE, json=None), 403, "assurance-too-low")
    refused(await clinic.person("reception").post(MINE, json=None), 403, "forbidden")


async def test_two_requests_by_no_key_make_two_addresses(clinic: Any) -> None:
    patient = clinic.person("patient")
    assert await opened(patient) != await opened(patient)
