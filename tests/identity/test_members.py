"""Members over HTTP: profile, roles, lists, names."""

import asyncio
from typing import Any
from uuid import uuid4

from mindlyfe.kernel.testing.answers import refused

PROFILE = {"name": "Ada Lovelace", "zone": "Asia/Kathmandu", "locale": "ne", "pronouns": "she/her"}


async def test_a_profile_is_replaced_on_the_version_that_was_read(house: Any) -> None:
    admin = (await house.clinic()).admin
    me = await admin.get("/v1/me")
    assert me.headers["etag"][:3] == '"1.'
    saved = await admin.put("/v1/me/profile", PROFILE, if_match='"1"')
    assert (saved.status_code, saved.headers["etag"]) == (200, '"2"')
    now = (await admin.get("/v1/me")).json()
    assert {name: now[name] for name in PROFILE} == PROFILE
    assert now["organisation_name"] == "Harbour"
    refused(await admin.put("/v1/me/profile", PROFILE | {"name": "Late"}, if_match='"1"'), 412, "version-conflict")
    refused(await admin.put("/v1/me/profile", PROFILE | {"zone": "Mars/Base"}), 422, "unknown-zone")
    refused(await admin.put("/v1/me/profile", PROFILE | {"roles": ["operator"]}), 400, "malformed")
    assert (await admin.put("/v1/me/profile", PROFILE | {"name": "A"}, idempotency_key="p")).status_code == 200
    other = PROFILE | {"name": "B"}
    refused(await admin.put("/v1/me/profile", other, idempotency_key="p"), 422, "idempotency-key-reused")


async def test_lists_come_in_pages_in_the_order_of_joining(house: Any) -> None:
    clinic = await house.clinic()
    people = [clinic.admin]
    for role in ("therapist", "reception", "supervisor"):
        house.clock.pass_(seconds=1)
        people.append(await clinic.staff(role))
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await clinic.admin.get("/v1/members", limit=2, **cursor)).json()
        found += [member["person"] for member in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert found == [person.id for person in people]
    assert page["items"][-1]["roles"] == ["supervisor"]
    refused(await clinic.admin.get("/v1/members", cursor="nonsense"), 400, "malformed")
    refused(await clinic.admin.get("/v1/members", limit=0), 400, "malformed")
    assert [row.action for row in house.audit.rows][:2] == ["members.read"] * 2


async def test_therapists_are_listed_for_everybody_by_name(house: Any) -> None:
    clinic = await house.clinic()
    therapist, _ = await clinic.staff("therapist"), await clinic.staff("reception")
    patient = await clinic.patient()
    listed = (await patient.get("/v1/therapists")).json()
    assert listed == {"items": [{"id": therapist.id, "name": "Sam therapist"}], "next": None}


async def test_patients_learn_the_names_of_staff_and_staff_all_of_their_clinic(house: Any) -> None:
    harbour, meadow = await house.clinic("Harbour"), await house.clinic("Meadow")
    therapist = await harbour.staff("therapist")
    pat, other = await harbour.patient("pat@mail.example"), await harbour.patient("other@mail.example")
    ids = {"ids": [therapist.id, pat.id, other.id, meadow.admin.id, str(uuid4())]}
    names = {therapist.id: "Sam therapist", pat.id: "Pat"}
    assert (await pat.post("/v1/names", ids)).json()["names"] == names
    assert (await therapist.post("/v1/names", ids)).json()["names"] == names | {other.id: "Pat"}
    assert (await meadow.admin.post("/v1/names", ids)).json()["names"] == {meadow.admin.id: "Ada of Meadow"}
    assert "names.read" in {row.action for row in house.audit.rows}
    many = {"ids": [str(uuid4()) for _ in range(201)]}
    refused(await pat.post("/v1/names", many), 400, "malformed")


async def test_roles_are_assigned_within_the_clinic_and_ones_own(house: Any) -> None:
    harbour, meadow = await house.clinic("Harbour"), await house.clinic("Meadow")
    desk = await harbour.staff("reception")
    path = f"/v1/members/{desk.id}/roles"
    answer = await harbour.admin.put(path, {"roles": ["therapist", "supervisor"]}, if_match='"1"')
    assert (answer.status_code, answer.json()) == (200, {"person": desk.id, "version": 2})
    refused(await harbour.admin.put(path, {"roles": ["patient"]}, if_match='"1"'), 412, "version-conflict")
    refused(await harbour.admin.put(path, {"roles": ["service"]}), 403, "role-not-yours")
    refused(await meadow.admin.put(path, {"roles": ["patient"]}), 404, "not-found")
    refused(await harbour.admin.put(f"/v1/members/{uuid4()}/roles", {"roles": ["patient"]}), 404, "not-found")
    admin = await harbour.staff("clinic-admin")
    refused(await admin.put(path, {"roles": ["operator"]}), 403, "role-not-yours")
    assert (await admin.put(path, {"roles": ["patient"]}, idempotency_key="r")).status_code == 200
    refused(await admin.put(path, {"roles": ["therapist"]}, idempotency_key="r"), 422, "idempotency-key-reused")


async def test_asvs_15_4_2_the_last_administrator_stays_even_when_two_leave_at_once(house: Any) -> None:
    clinic = await house.clinic()
    refused(await step_down(clinic.admin), 409, "last-administrator")
    second = await clinic.staff("clinic-admin")
    answers = await asyncio.gather(step_down(clinic.admin), step_down(second))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    stays = clinic.admin if answers[0].status_code == 409 else second
    members = (await stays.get("/v1/members")).json()["items"]
    assert sum("clinic-admin" in member["roles"] for member in members) == 1


async def step_down(person: Any) -> Any:
    roles = (await person.get("/v1/me")).json()["roles"]
    left = [role for role in roles if role != "clinic-admin"] or ["reception"]
    return await person.put(f"/v1/members/{person.id}/roles", {"roles": left})
