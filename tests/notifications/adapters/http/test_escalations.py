"""Escalations and the rota over HTTP: who sees what, and every refusal."""

from typing import Any
from uuid import uuid4

import pytest
from tests.notifications.test_escalations import HANA, INES, KWAME, PAT, PATH, answer, carry, on_duty, opened

from mindlyfe.kernel.testing.answers import refused

MONDAYS: dict[str, Any] = {"person": str(INES), "weekday": 1, "from": "09:00", "to": "17:00"}
ROTA = {"zone": "Europe/London", "weekly": [MONDAYS]}


async def test_who_was_called_or_opened_it_sees_about_whom_it_is(office: Any) -> None:
    await on_duty(office, INES, KWAME)
    escalation = await opened(office)
    await carry(office)
    for person in (HANA, INES, KWAME):
        shown = await office.get(f"{PATH}/{escalation}", "therapist", person=person)
        assert (shown.json()["subject"], shown.headers["etag"][:3]) == (str(PAT), '"2.')
        [listed] = (await office.get(PATH, "therapist", person=person)).json()["items"]
        assert listed == shown.json()
    assert (await office.get(f"{PATH}/{escalation}", "clinic-admin")).json()["subject"] is None
    refused(await office.get(f"{PATH}/{escalation}", "therapist"), 404, "not-found")
    assert (await office.get(PATH, "therapist")).json()["items"] == []
    refused(await office.get(f"{PATH}/{escalation}", "clinic-admin", tenant=uuid4()), 404, "not-found")
    refused(await office.get(f"{PATH}/{uuid4()}", "clinic-admin"), 404, "not-found")


async def test_pages_hold_each_once(office: Any) -> None:
    made = {await opened(office) for _ in range(5)}
    seen, cursor, following = list[str](), "", None
    for _ in range(3):
        page = (await office.get(f"{PATH}?limit=2{cursor}", "clinic-admin")).json()
        seen += [one["id"] for one in page["items"]]
        following = page["next"]
        cursor = f"&cursor={following}"
    assert following is None
    assert (len(seen), set(seen)) == (5, made)
    refused(await office.get(f"{PATH}?cursor=x", "clinic-admin"), 400, "malformed")


async def test_what_is_opened_again_under_its_key_is_one(office: Any) -> None:
    body, key = {"subject": str(PAT)}, {"Idempotency-Key": "k"}
    first = await office.ask(PATH, "therapist", body=body, headers=key, person=HANA)
    again = await office.ask(PATH, "therapist", body=body, headers=key, person=HANA)
    assert (first.status_code, first.json()) == (201, again.json())
    assert len(await office.recorded("escalation.opened")) == 1


async def test_opening_is_refused(office: Any) -> None:
    body = {"subject": str(PAT)}
    for role in ("patient", "reception", "clinic-admin", "operator"):
        refused(await office.ask(PATH, role, body=body), 403, "forbidden")
    refused(await office.ask(PATH, "therapist", body=body, aal=1), 403, "assurance-too-low")
    office.neighbours.gone.add(PAT)
    refused(await office.ask(PATH, "therapist", body=body), 404, "not-found")
    office.neighbours.reachable = False
    refused(await office.ask(PATH, "therapist", body=body), 503, "unavailable")
    office.neighbours.reachable, office.neighbours.gone = True, set()
    refused(await office.ask(PATH, "therapist", body=body | {"minutes": 0}), 400, "malformed")
    await office.keys.erase(office.tenant, PAT)
    refused(await office.ask(PATH, "therapist", body=body), 410, "erased")


@pytest.mark.parametrize(("what", "body"), [("acknowledgement", None), ("outcome", {"outcome": "reached"})])
async def test_answering_is_refused(office: Any, what: str, body: Any) -> None:
    await on_duty(office, INES)
    escalation = await opened(office)
    path = f"{PATH}/{escalation}/{what}"
    refused(await office.ask(path, "patient", body=body, person=INES), 403, "forbidden")
    refused(await office.ask(path, "therapist", body=body), 404, "not-found")
    refused(await office.ask(path, "clinic-admin", body=body), 403, "not-on-the-ladder")
    refused(await office.ask(path, "therapist", body=body, person=HANA), 403, "not-on-the-ladder")
    refused(await office.ask(path, "therapist", body=body, person=INES, tenant=uuid4()), 404, "not-found")
    refused(await office.ask(f"{PATH}/{uuid4()}/{what}", "therapist", body=body, person=INES), 404, "not-found")
    stale = await office.ask(path, "therapist", body=body, person=INES, headers={"If-Match": '"9"'})
    refused(stale, 412, "version-conflict")
    await answer(office, escalation, INES, "outcome", {"outcome": "handed-over"})
    refused(await office.ask(path, "therapist", body=body, person=INES), 409, "escalation-closed")
    await office.keys.erase(office.tenant, PAT)
    refused(await office.ask(path, "therapist", body=body, person=INES), 410, "erased")


async def test_the_rota_is_shown_and_replaced(office: Any) -> None:
    before = await office.get("/v1/duty-rota", "therapist")
    assert before.json() == {"zone": "UTC", "weekly": [], "covers": [], "away": [], "version": 0}
    saved = await office.put("/v1/duty-rota", "clinic-admin", json=ROTA)
    assert saved.json()["weekly"] == [{**MONDAYS, "rank": 1}]
    again = await office.put("/v1/duty-rota", "clinic-admin", json=ROTA, headers={"If-Match": '"1"'})
    assert again.json() == saved.json() == (await office.get("/v1/duty-rota", "supervisor")).json()
    assert (await office.get("/v1/duty-rota", "therapist", tenant=uuid4())).json()["version"] == 0


async def test_a_rota_is_refused(office: Any) -> None:
    for role in ("patient", "therapist", "reception"):
        refused(await office.put("/v1/duty-rota", role, json=ROTA), 403, "forbidden")
    refused(await office.put("/v1/duty-rota", "clinic-admin", json=ROTA, aal=1), 403, "assurance-too-low")
    refused(await office.put("/v1/duty-rota", "clinic-admin", json={"zone": "Mars/Base"}), 422, "rota-unsound")
    stale = await office.put("/v1/duty-rota", "clinic-admin", json=ROTA, headers={"If-Match": '"3"'})
    refused(stale, 412, "version-conflict")
    office.neighbours.gone.add(INES)
    refused(await office.put("/v1/duty-rota", "clinic-admin", json=ROTA), 422, "unknown-colleague")
    office.neighbours.reachable = False
    refused(await office.put("/v1/duty-rota", "clinic-admin", json=ROTA), 503, "unavailable")
    refused(await office.get("/v1/duty-rota/now", "patient"), 403, "forbidden")
