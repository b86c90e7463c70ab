"""The inbox over HTTP: everybody's own, in their words, marked by them alone."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.notifications.reader import Reader, put

from mindlyfe.kernel.testing.answers import refused
from mindlyfe.notifications.adapters.words import Words
from mindlyfe.notifications.contract import Kind
from mindlyfe.notifications.domain.reaching import IN_APP
from mindlyfe.therapy.contract import AppointmentCancelledV1, AppointmentId


@pytest.fixture
def reader(office: Any) -> Reader:
    return Reader(office)


async def test_a_notice_says_what_its_reader_needs_in_their_zone(office: Any, reader: Reader) -> None:
    notice = await reader.told("appointment-booked")
    page = await reader.inbox()
    [shown] = page["items"]
    assert (shown["id"], shown["kind"], shown["mark"], shown["version"]) == (
        str(notice),
        "appointment-booked",
        "unread",
        1,
    )
    assert shown["title"] == "Appointment booked"
    assert shown["text"] == "Tuesday 1 December 2026, 14:45 (Asia/Kathmandu), 50 minutes."
    assert (shown["snoozed_until"], shown["seen_at"], page["unread"]) == (None, None, 1)
    one = await reader.get(f"/v1/inbox/{notice}")
    assert (one.json(), one.headers["etag"][:3]) == (shown, '"1.')


async def test_what_it_tells_of_may_be_gone_and_the_notice_stays(office: Any, reader: Reader) -> None:
    handover = uuid4()
    await reader.told("caseload-received", handover)
    [shown] = (await reader.inbox())["items"]
    assert shown["about"] == str(handover)
    assert shown["text"].startswith("A colleague handed 3 people over to your care.")
    office.neighbours.gone.add(handover)
    [shown] = (await reader.inbox())["items"]
    assert (shown["title"], shown["text"]) == ("A handover at the clinic", "")


@pytest.mark.parametrize("kind", sorted(IN_APP))
async def test_every_kind_has_words_and_a_title_that_needs_nothing(office: Any, reader: Reader, kind: Kind) -> None:
    notice = await put(office.module, reader, kind=kind)
    shown = (await reader.get(f"/v1/inbox/{notice}")).raise_for_status().json()
    assert shown["title"]
    assert shown["text"]
    assert Words().notice(kind, "en-GB", None) == (shown["title"], "")


async def test_a_move_of_an_appointment_that_was_cancelled_since_stays_as_a_title(office: Any, reader: Reader) -> None:
    notice = await put(office.module, reader, kind="appointment-moved")
    path = f"/v1/inbox/{notice}"
    about = (await reader.get(path)).json()["about"]
    office.neighbours.diary[UUID(about)] = {"status": "cancelled"}
    shown = (await reader.get(path)).raise_for_status().json()
    assert (shown["title"], shown["text"]) == ("Appointment moved", "")


async def test_a_reader_whom_the_clinic_does_not_know_any_more_reads_nothing(office: Any, reader: Reader) -> None:
    notice = await reader.told()
    office.neighbours.gone.add(reader.id)
    for path in ("/v1/inbox", f"/v1/inbox/{notice}"):
        refused(await reader.get(path), 404, "not-found")


async def test_while_nobody_answers_what_it_is_about_the_inbox_says_so(office: Any, reader: Reader) -> None:
    notice = await reader.told()
    office.neighbours.reachable = False
    for path in ("/v1/inbox", f"/v1/inbox/{notice}"):
        refused(await reader.get(path), 503, "unavailable")


async def test_marks_move_a_notice_between_the_shelves_and_count_once(reader: Reader) -> None:
    notice = await reader.told()
    shown: dict[str, Any] = {}
    for mark, shelf in [("read", "inbox"), ("unread", "unread"), ("archive", "archived"), ("read", "inbox")]:
        first = await reader.marks(notice, mark)
        assert await reader.marks(notice, mark) == first
        pages = {show: await reader.inbox(show) for show in ("inbox", "unread", "archived", "snoozed")}
        found = {show for show, page in pages.items() if [one["id"] for one in page["items"]] == [notice]}
        assert found == {shelf, "inbox"} if shelf == "unread" else {shelf}
        [shown] = pages[shelf]["items"]
        assert (shown["mark"], shown["version"]) == (first["mark"], first["version"])
        assert {page["unread"] for page in pages.values()} == {int(shelf == "unread")}
    assert shown["seen_at"] is not None


async def test_what_was_snoozed_comes_back_unread_on_top(office: Any, reader: Reader) -> None:
    away = await reader.told()
    until = reader.in_an_hour()
    first = await reader.post(f"/v1/inbox/{away}/snooze", until)
    assert (await reader.post(f"/v1/inbox/{away}/snooze", until)).json() == first.json()
    other = await reader.told()
    assert [one["id"] for one in (await reader.inbox())["items"]] == [other]
    [shown] = (await reader.inbox("snoozed"))["items"]
    assert (shown["id"], shown["mark"]) == (away, "snoozed")
    assert shown["snoozed_until"] is not None
    office.watch.ahead = timedelta(hours=2)
    page = await reader.inbox()
    back = [(one["id"], one["mark"], one["snoozed_until"]) for one in page["items"]]
    assert back == [(away, "unread", None), (other, "unread", None)]
    assert page["unread"] == 2
    assert (await reader.inbox("snoozed"))["items"] == []
    await reader.marks(away, "read")
    assert [one["id"] for one in (await reader.inbox())["items"]] == [away, other]


async def test_pages_hold_each_notice_once(reader: Reader) -> None:
    notices = [await reader.told() for _ in range(5)]
    found, cursor = list[str](), dict[str, str]()
    while True:
        page = await reader.inbox(limit=2, **cursor)
        found += [one["id"] for one in page["items"]]
        assert page["unread"] == 5
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert found == notices[::-1]


async def test_all_that_was_shown_is_marked_as_read_and_what_came_later_is_not(office: Any, reader: Reader) -> None:
    shown, other = [await reader.told() for _ in range(3)], Reader(office)
    await other.told()
    await reader.marks(shown[0], "snooze")
    newest = (await reader.inbox())["items"][0]["arrived_at"]
    later = await reader.told()
    for marked in (2, 0):
        answer = await reader.post("/v1/inbox/read", {"up_to": newest})
        assert (answer.status_code, answer.json()) == (200, {"marked": marked, "unread": 1})
    assert [one["id"] for one in (await reader.inbox("unread"))["items"]] == [later]
    assert [one["id"] for one in (await reader.inbox("snoozed"))["items"]] == [shown[0]]
    assert (await other.inbox())["unread"] == 1


async def test_asvs_8_2_2_nobody_finds_another_ones_notice(office: Any, reader: Reader) -> None:
    notice, until = await reader.told(), reader.in_an_hour()
    strangers: list[dict[str, Any]] = [{"person": uuid4()}, {"person": reader.id, "tenant": uuid4()}]
    for who in strangers:
        for role in ("patient", "therapist", "clinic-admin", "operator"):
            refused(await office.get(f"/v1/inbox/{notice}", role, **who), 404, "not-found")
            for mark in ("read", "unread", "archive"):
                refused(await office.ask(f"/v1/inbox/{notice}/{mark}", role, **who), 404, "not-found")
            refused(await office.ask(f"/v1/inbox/{notice}/snooze", role, body=until, **who), 404, "not-found")
            page = (await office.get("/v1/inbox", role, **who)).json()
            assert page == {"items": [], "next": None, "unread": 0}
    assert (await reader.inbox())["items"][0]["version"] == 1


async def test_a_snooze_ends_within_the_year_to_come(office: Any, reader: Reader) -> None:
    path = f"/v1/inbox/{await reader.told()}/snooze"
    for days in (-1, 400):
        until = (office.watch() + timedelta(days=days)).isoformat()
        refused(await reader.post(path, {"until": until}), 422, "wrong-snooze")
    for body in ({}, {"until": "2026-12-01T09:00:00"}, {"until": "soon"}):
        refused(await reader.post(path, body), 400, "malformed")


async def test_a_version_that_is_past_is_refused(reader: Reader) -> None:
    notice = await reader.told()
    await reader.marks(notice, "read")
    for mark in ("read", "unread", "archive", "snooze"):
        body = reader.in_an_hour() if mark == "snooze" else None
        answer = await reader.post(f"/v1/inbox/{notice}/{mark}", body, if_match='"1"')
        refused(answer, 412, "version-conflict")
    answer = await reader.post(f"/v1/inbox/{notice}/archive", if_match='"2"')
    assert (answer.status_code, answer.headers["etag"]) == (200, '"3"')


async def test_a_repeated_key_gets_the_first_answer(reader: Reader) -> None:
    path, key = f"/v1/inbox/{await reader.told()}", str(uuid4())
    first = await reader.post(f"{path}/read", idempotency_key=key)
    await reader.post(f"{path}/archive")
    again = await reader.post(f"{path}/read", idempotency_key=key)
    assert again.json() == first.json()
    assert (await reader.get(path)).json()["mark"] == "archived"


async def test_a_list_that_is_asked_for_wrongly_is_refused(reader: Reader) -> None:
    for query in ("cursor=nothing", "show=everything", "limit=0", "limit=101"):
        refused(await reader.get(f"/v1/inbox?{query}"), 400, "malformed")
    refused(await reader.post("/v1/inbox/read", {}), 400, "malformed")


async def test_staff_needs_a_second_factor(office: Any, reader: Reader) -> None:
    weak = {"person": reader.id, "aal": 1}
    for path in ("/v1/inbox", "/v1/inbox/stream"):
        refused(await office.get(path, "therapist", **weak), 403, "assurance-too-low")
    assert (await office.get("/v1/inbox", "patient", **weak)).status_code == 200


async def test_a_cancellation_stands_in_both_inboxes(office: Any, reader: Reader) -> None:
    therapist = Reader(office)
    both = {"patient": reader.id, "therapist": therapist.id}
    async with office.sending():
        await office.tell(
            AppointmentCancelledV1(appointment=AppointmentId(uuid4()), by=therapist.id, late=False, **both)
        )
        await office.settled()
    for person in (reader, therapist):
        assert [one["kind"] for one in (await person.inbox())["items"]] == ["appointment-cancelled"]


async def test_what_guards_an_account_never_stands_in_an_inbox(office: Any, reader: Reader) -> None:
    delivery = await office.request(reader.id, "in-app", kind="recovery")
    async with office.sending():
        await office.settled()
    [shown] = (await reader.get("/v1/deliveries")).json()["items"]
    assert (shown["id"], shown["status"], shown["last_error"]) == (str(delivery), "dead", "not-for-an-inbox")
    assert (await reader.inbox())["items"] == []
