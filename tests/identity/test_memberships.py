"""Members as administrators manage them over HTTP: searched, read, suspended, reinstated, registered; and leaving."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from mindlyfe.identity.contract.members import MemberLeftV1, MemberReinstatedV1, MemberSuspendedV1
from mindlyfe.kernel.testing.answers import refused

WHY = {"reason": "Lost her laptop."}


@pytest.fixture
async def clinic(house: Any) -> Any:
    clinic = await house.clinic()
    await clinic.admin.strengthen()
    return clinic


async def found(admin: Any, **query: Any) -> list[str]:
    return [one["name"] for one in (await admin.get("/v1/members", **query)).json()["items"]]


async def test_members_are_searched_by_role_standing_and_name(clinic: Any) -> None:
    therapist = await clinic.staff("therapist")
    await clinic.patient()
    assert await found(clinic.admin) == ["Ada of Harbour", "Sam therapist", "Pat"]
    assert await found(clinic.admin, role="therapist") == ["Sam therapist"]
    assert await found(clinic.admin, name="sa") == await found(clinic.admin, name="THER") == ["Sam therapist"]
    assert await found(clinic.admin, name="am") == await found(clinic.admin, name="a%") == []
    await clinic.admin.put(f"/v1/members/{therapist.id}/suspension", WHY)
    assert await found(clinic.admin, standing="suspended") == ["Sam therapist"]
    assert await found(clinic.admin, standing="active", role="patient") == ["Pat"]
    for wrong in ({"role": "king"}, {"standing": "gone"}, {"name": ""}, {"name": "9"}, {"format": "xlsx"}):
        refused(await clinic.admin.get("/v1/members", **wrong), 400, "malformed")


async def test_the_list_comes_as_csv_that_no_spreadsheet_runs(house: Any, clinic: Any) -> None:
    therapist = await clinic.staff("therapist")
    profile = {"name": '=HYPERLINK("http://evil.example")', "zone": "UTC", "locale": "en"}
    assert (await therapist.put("/v1/me/profile", profile)).status_code == 200
    answer = await clinic.admin.get("/v1/members", format="csv", role="therapist")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    header, row = answer.text.splitlines()
    assert header == "person,name,roles,zone,joined_at,version,standing,second_factor"
    assert row.startswith(f"{therapist.id},\"'=HYPERLINK(")
    clinic.admin.headers["accept"] = "text/csv"
    page = await clinic.admin.get("/v1/members", limit=1)
    assert page.text.count("\r\n") == 2
    following = page.headers["link"].partition("<")[2].partition(">")[0]
    assert "Sam therapist" not in page.text
    assert therapist.id in (await clinic.admin.get(following)).text
    assert (await clinic.admin.get("/v1/members", format="json")).json()["next"] is None


async def test_one_member_is_read_with_their_address_within_the_clinic(house: Any, clinic: Any) -> None:
    patient, meadow = await clinic.patient(), await house.clinic("Meadow")
    detail = (await clinic.admin.get(f"/v1/members/{patient.id}")).json()
    assert (detail["email"], detail["standing"], detail["register"]) == ("pat@mail.example", "active", None)
    assert house.audit.rows[-1].subject == UUID(patient.id)
    refused(await meadow.admin.get(f"/v1/members/{patient.id}"), 404, "not-found")
    refused(await patient.get(f"/v1/members/{clinic.admin.id}"), 403, "forbidden")


async def test_asvs_7_4_2_who_is_suspended_has_no_session_here_until_reinstated(house: Any, clinic: Any) -> None:
    therapist = await clinic.staff("therapist")
    path = f"/v1/members/{therapist.id}"
    saved = await clinic.admin.put(f"{path}/suspension", WHY, if_match='"1"')
    assert (saved.status_code, saved.headers["etag"]) == (200, '"2"')
    assert (await clinic.admin.put(f"{path}/suspension", {"reason": "Again."})).json()["version"] == 2
    assert (await clinic.admin.get(path)).json()["reason"] == WHY["reason"]
    refused(await therapist.renew(), 401, "session-ended")
    refused(await therapist.sign_in(), 401, "sign-in-failed")
    assert (await clinic.admin.get("/v1/therapists")).json()["items"] == []
    _, told = await house.newest(MemberSuspendedV1)
    assert str(told.person) == therapist.id
    refused(await clinic.admin.post(f"{path}/reinstatement", if_match='"1"'), 412, "version-conflict")
    assert (await clinic.admin.post(f"{path}/reinstatement", if_match='"2"')).json()["version"] == 3
    assert (await therapist.sign_in()).status_code == 201
    _, told = await house.newest(MemberReinstatedV1)
    assert told.roles == {"therapist"}


async def test_a_suspension_ends_nothing_in_another_clinic(house: Any, clinic: Any) -> None:
    meadow = await house.clinic("Meadow")
    therapist = await clinic.staff("therapist", email="both@mail.example", strong=False)
    await meadow.staff("therapist", email="both@mail.example", strong=False)
    await clinic.admin.put(f"/v1/members/{therapist.id}/suspension", WHY)
    refused(await therapist.sign_in(organisation=str(clinic.tenant)), 401, "sign-in-failed")
    assert (await therapist.sign_in(organisation=str(meadow.tenant))).status_code == 201
    assert (await therapist.sign_in()).json()["organisation"] == str(meadow.tenant)


async def test_what_is_dangerous_needs_a_second_factor_and_a_recent_proof(house: Any, clinic: Any) -> None:
    """ASVS 7.5.2: administrators end others' sessions after proving once more who they are."""
    therapist, weak = await clinic.staff("therapist"), await clinic.staff("clinic-admin", strong=False)
    path = f"/v1/members/{therapist.id}"
    for method, url in (("put", f"{path}/suspension"), ("post", f"{path}/reinstatement")):
        refused(await getattr(weak, method)(url, WHY), 403, "assurance-too-low")
    await weak.strengthen()
    house.clock.pass_(seconds=540)
    await clinic.admin.sign_in()
    await clinic.admin.strengthen()
    house.clock.pass_(seconds=61)
    refused(await weak.put(f"{path}/suspension", WHY), 403, "sign-in-too-old")
    assert (await clinic.admin.put(f"{path}/suspension", WHY)).status_code == 200


async def test_suspensions_are_refused(house: Any, clinic: Any) -> None:
    meadow, other = await house.clinic("Meadow"), await clinic.staff("clinic-admin")
    await meadow.admin.strengthen()
    await other.strengthen()
    path = f"/v1/members/{other.id}"
    refused(await meadow.admin.put(f"{path}/suspension", WHY), 404, "not-found")
    refused(await meadow.admin.post(f"{path}/reinstatement"), 404, "not-found")
    refused(await clinic.admin.put(f"/v1/members/{uuid4()}/suspension", WHY), 404, "not-found")
    refused(await clinic.admin.put(f"/v1/members/{clinic.admin.id}/suspension", WHY), 409, "not-yourself")
    refused(await clinic.admin.post(f"/v1/members/{clinic.admin.id}/reinstatement"), 409, "not-yourself")
    refused(await other.put(f"/v1/members/{clinic.admin.id}/suspension", WHY), 403, "role-not-yours")
    refused(await other.post(f"/v1/members/{clinic.admin.id}/reinstatement"), 403, "role-not-yours")
    refused(await clinic.admin.put(f"{path}/suspension", WHY, if_match='"7"'), 412, "version-conflict")
    assert (await clinic.admin.put(f"{path}/suspension", WHY, idempotency_key="s")).status_code == 200
    reused = await clinic.admin.put(f"{path}/suspension", {"reason": "B"}, idempotency_key="s")
    refused(reused, 422, "idempotency-key-reused")
    refused(await clinic.admin.post(f"{path}/reinstatement", idempotency_key="s"), 422, "idempotency-key-reused")


async def test_two_administrators_who_suspend_each_other_leave_one(clinic: Any) -> None:
    other = await (await clinic.staff("clinic-admin", "operator")).strengthen()
    paths = [f"/v1/members/{one.id}/suspension" for one in (other, clinic.admin)]
    answers = await asyncio.gather(clinic.admin.put(paths[0], WHY), other.put(paths[1], WHY))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    [lost] = [answer for answer in answers if answer.status_code == 409]
    refused(lost, 409, "last-administrator")


async def test_a_suspended_administrator_does_not_count(clinic: Any) -> None:
    other = await clinic.staff("clinic-admin")
    path = f"/v1/members/{other.id}"
    assert (await clinic.admin.put(f"{path}/suspension", WHY)).status_code == 200
    refused(await clinic.admin.delete("/v1/me/membership"), 409, "last-administrator")
    assert (await clinic.admin.put(f"{path}/roles", {"roles": ["reception"]})).status_code == 200
    assert (await clinic.admin.put(f"{path}/roles", {"roles": ["clinic-admin"]})).status_code == 200
    refused(await clinic.admin.delete("/v1/me/membership"), 409, "last-administrator")
    assert (await clinic.admin.post(f"{path}/reinstatement")).status_code == 200
    assert (await clinic.admin.delete("/v1/me/membership")).status_code == 204


async def test_the_register_says_who_may_practise(house: Any, clinic: Any) -> None:
    therapist, patient = await clinic.staff("therapist"), await clinic.patient()
    entry = {"profession": "Psychologist", "licence": "HCPC PYL012345", "valid_until": "2027-01-31"}
    path = f"/v1/members/{therapist.id}/register"
    assert (await clinic.admin.put(path, entry, if_match='"1"', idempotency_key="r")).json()["version"] == 2
    assert (await clinic.admin.get(f"/v1/members/{therapist.id}")).json()["register"] == entry
    refused(await clinic.admin.put(path, entry | {"licence": "x"}, if_match='"1"'), 412, "version-conflict")
    refused(await clinic.admin.put(path, entry | {"licence": "x"}, idempotency_key="r"), 422, "idempotency-key-reused")
    refused(await clinic.admin.put(f"/v1/members/{patient.id}/register", entry), 422, "not-staff")
    refused(await (await house.clinic("Meadow")).admin.put(path, entry), 404, "not-found")


async def test_asvs_15_3_3_nothing_but_what_is_meant_is_assigned(clinic: Any) -> None:
    """Mass assignment: a field beyond the command is refused, and changes nothing."""
    therapist = await clinic.staff("therapist")
    path = f"/v1/members/{therapist.id}"
    for url, body in (
        (f"{path}/suspension", WHY),
        (f"{path}/register", {"profession": "Psychologist"}),
        (f"{path}/roles", {"roles": ["therapist"]}),
        (f"/v1/accounts/{therapist.id}/lock", WHY),
    ):
        for more in ({"roles": ["operator"], "standing": "active"}, {"tenant": str(uuid4())}, {"version": 9}):
            refused(await clinic.admin.put(url, body | {next(iter(more.keys() - body.keys())): 1}), 400, "malformed")
    detail = (await clinic.admin.get(path)).json()
    assert (detail["version"], detail["roles"], detail["standing"]) == (1, ["therapist"], "active")


async def test_who_leaves_is_gone_from_this_clinic_and_may_be_invited_again(house: Any, clinic: Any) -> None:
    therapist, patient = await clinic.staff("therapist", strong=False), await clinic.patient()
    care = f"/v1/care-relationships/{uuid4()}"
    await clinic.admin.put(care, {"patient": patient.id, "clinician": therapist.id})
    refused(await therapist.delete("/v1/me/membership"), 409, "still-caring")
    assert (await patient.delete("/v1/me/membership")).status_code == 204
    [relation] = (await clinic.admin.get("/v1/care-relationships")).json()["items"]
    assert relation["until"] is not None
    refused(await patient.sign_in(), 401, "sign-in-failed")
    refused(await patient.renew(), 401, "session-ended")
    assert await found(clinic.admin, role="patient") == []
    assert await found(clinic.admin, standing="left") == ["Pat"]
    tenant, told = await house.newest(MemberLeftV1)
    assert (tenant, str(told.person)) == (clinic.tenant, patient.id)
    assert (await therapist.delete("/v1/me/membership")).status_code == 204
    back = await clinic.staff("therapist", email=therapist.email, strong=False)
    assert back.id == therapist.id


async def test_an_old_proof_is_not_enough_to_leave(house: Any, clinic: Any) -> None:
    therapist = await clinic.staff("therapist")
    assert (await therapist.delete("/v1/me/membership", idempotency_key="l")).status_code == 204
    patient = await clinic.patient()
    house.clock.pass_(seconds=590)
    assert (await patient.renew()).status_code == 200
    house.clock.pass_(seconds=11)
    refused(await patient.delete("/v1/me/membership"), 403, "sign-in-too-old")


async def test_asvs_7_5_2_administrators_see_and_end_sessions_in_their_own_clinic(house: Any, clinic: Any) -> None:
    meadow = await house.clinic("Meadow")
    therapist = await clinic.staff("therapist", email="both@mail.example", strong=False)
    there = await meadow.staff("therapist", email="both@mail.example", strong=False)
    await there.sign_in(organisation=str(meadow.tenant))
    path = f"/v1/members/{therapist.id}/sessions"
    shown = (await clinic.admin.get(path)).json()["items"]
    assert {one["organisation"] for one in shown} == {str(clinic.tenant)}
    [elsewhere] = [one["id"] for one in (await meadow.admin.get(path)).json()["items"]]
    refused(await clinic.admin.delete(f"{path}/{elsewhere}"), 404, "not-found")
    refused(await clinic.admin.get(f"/v1/members/{uuid4()}/sessions"), 404, "not-found")
    refused(await clinic.admin.delete(f"/v1/members/{uuid4()}/sessions"), 404, "not-found")
    assert (await clinic.admin.delete(f"{path}/{shown[0]['id']}")).status_code == 204
    assert len((await clinic.admin.get(path)).json()["items"]) == len(shown) - 1
    assert (await clinic.admin.delete(path)).status_code == 204
    assert (await clinic.admin.get(path)).json()["items"] == []
    assert (await there.renew()).status_code == 200
    weak = await clinic.staff("clinic-admin", strong=False)
    refused(await weak.delete(path), 403, "assurance-too-low")


async def test_a_suspension_and_a_lock_end_what_runs(house: Any, clinic: Any) -> None:
    """ASVS 7.4.2: disabling an account terminates all its sessions."""
    therapist, reception = await clinic.staff("therapist"), await clinic.staff("reception")
    assert (await clinic.admin.put(f"/v1/members/{therapist.id}/suspension", WHY)).status_code == 200
    assert (await clinic.admin.put(f"/v1/accounts/{reception.id}/lock", WHY)).status_code == 200
    for person in (therapist, reception):
        assert (await clinic.admin.get(f"/v1/members/{person.id}/sessions")).json()["items"] == []
