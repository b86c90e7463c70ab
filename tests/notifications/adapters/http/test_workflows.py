"""Workflows and preferences over HTTP: what a clinic puts in place, and what each person says for themselves."""

from typing import Any
from uuid import uuid4

import pytest

from mindlyfe.kernel.testing.answers import refused

PATH = "/v1/workflows/appointment-reminder"
TELL = {"step": "send", "key": "tell", "channels": ["email"]}
DAY = {"step": "before", "key": "day", "minutes": 1440}
OWN = {"workflow": {"steps": [DAY, TELL]}}


async def test_staff_see_what_is_in_place(office: Any) -> None:
    shown = await office.get(PATH, "reception")
    assert (shown.status_code, shown.headers["etag"][:3]) == (200, '"0.')
    view = shown.json()
    assert (view["edition"], view["critical"], len(view["workflow"]["steps"])) == ("shipped/1", False, 6)
    assert view in (await office.get("/v1/workflows", "therapist")).json()["items"]


async def test_editions_follow_one_another_and_are_dropped(office: Any) -> None:
    assert (await office.put(PATH, "clinic-admin", json=OWN)).json()["edition"] == "clinic/1"
    other = {"workflow": {"steps": [DAY | {"minutes": 60}, TELL]}}
    saved = await office.put(PATH, "clinic-admin", json=other, headers={"If-Match": '"1"'})
    assert saved.json() == {"name": "appointment-reminder", "edition": "clinic/2", "version": 2}
    for _ in range(2):
        dropped = await office.doorway.client.delete(PATH, headers=office.bearer("clinic-admin"))
        assert dropped.json() == {"name": "appointment-reminder", "edition": "shipped/1", "version": 3}
    assert (await office.put(PATH, "clinic-admin", json=OWN)).json()["edition"] == "clinic/3"


async def test_another_clinic_has_its_own(office: Any) -> None:
    await office.put(PATH, "clinic-admin", json=OWN)
    assert (await office.get(PATH, "clinic-admin", tenant=uuid4())).json()["edition"] == "shipped/1"


async def test_a_definition_that_is_repeated_is_one(office: Any) -> None:
    who, key = uuid4(), {"Idempotency-Key": "k"}
    first = await office.put(PATH, "clinic-admin", json=OWN, headers=key, person=who)
    again = await office.put(PATH, "clinic-admin", json=OWN, headers=key, person=who)
    assert first.json() == again.json()
    assert len(await office.recorded("workflow.")) == 1


async def test_a_definition_is_refused(office: Any) -> None:
    for role in ("patient", "therapist", "reception", "operator"):
        refused(await office.put(PATH, role, json=OWN), 403, "forbidden")
    refused(await office.put(PATH, "clinic-admin", json=OWN, aal=1), 403, "assurance-too-low")
    refused(await office.put("/v1/workflows/unheard-of", "clinic-admin", json=OWN), 404, "not-found")
    refused(await office.put(PATH, "clinic-admin", json={"workflow": {"steps": [DAY]}}), 422, "workflow-unsound")
    refused(await office.put(PATH, "clinic-admin", json=OWN, headers={"If-Match": '"4"'}), 412, "version-conflict")
    refused(await office.put(PATH, "clinic-admin", json={"workflow": {"steps": [{"step": "x"}]}}), 400, "malformed")
    client, admin = office.doorway.client, office.bearer("clinic-admin")
    refused(await client.delete("/v1/workflows/unheard-of", headers=admin), 404, "not-found")
    await office.put(PATH, "clinic-admin", json=OWN)
    refused(await client.delete(PATH, headers=admin | {"If-Match": '"4"'}), 412, "version-conflict")
    refused(await office.get("/v1/workflows/unheard-of", "clinic-admin"), 404, "not-found")
    refused(await office.get("/v1/workflows", "patient"), 403, "forbidden")


SAID = {
    "channels": {"email": True, "sms": None, "push": None, "in-app": None},
    "workflows": [
        {
            "workflow": "appointment-reminder",
            "channels": {"email": False, "sms": True, "push": None, "in-app": None},
        }
    ],
    "quiet": [{"from": "22:00", "to": "07:00", "weekdays": [6, 7]}],
}


async def test_a_person_says_what_they_prefer(office: Any) -> None:
    who = uuid4()
    unsaid = dict.fromkeys(("email", "sms", "push", "in-app"))
    nothing = {"channels": unsaid, "workflows": [], "quiet": [], "version": 0}
    assert (await office.get("/v1/preferences", "patient", person=who)).json() == nothing
    saved = await office.put("/v1/preferences", "patient", json=SAID, person=who)
    shown = await office.get("/v1/preferences", "patient", person=who)
    assert saved.json() == shown.json() == {**SAID, "version": 1}
    assert shown.headers["etag"][:3] == '"1.'
    assert (await office.get("/v1/preferences", "patient", person=who, tenant=uuid4())).json() == nothing
    [told] = await office.module.personal.tells(office.tenant, who)
    assert told.values["preferences"]["channels"] == SAID["channels"]


async def test_what_is_said_again_is_one(office: Any) -> None:
    who = uuid4()
    for _ in range(2):
        assert (await office.put("/v1/preferences", "patient", json=SAID, person=who)).json()["version"] == 1


@pytest.mark.parametrize("wrong", [{"channels": {"pigeon": True}}, {"quiet": [{"from": "25:00", "to": "07:00"}]}])
async def test_preferences_are_refused(office: Any, wrong: dict[str, Any]) -> None:
    who = uuid4()
    refused(await office.put("/v1/preferences", "patient", json=wrong, person=who), 400, "malformed")
    stale = await office.put("/v1/preferences", "patient", json=SAID, person=who, headers={"If-Match": '"3"'})
    refused(stale, 412, "version-conflict")
    await office.put("/v1/preferences", "patient", json=SAID, person=who)
    await office.keys.erase(office.tenant, who)
    refused(await office.put("/v1/preferences", "patient", json={}, person=who), 410, "erased")
    refused(await office.get("/v1/preferences", "patient", person=who), 410, "erased")
