"""People see where they are signed in, name their devices and end their sessions, and nobody else's."""

from typing import Any
from uuid import uuid4

from mindlyfe.identity.adapters.sessions import SessionList
from mindlyfe.identity.adapters.streams import identity_streams
from mindlyfe.identity.application.endings import Endings
from mindlyfe.kernel.messages import REGION
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.principals import act

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:144.0) Gecko/20100101 Firefox/144.0"


async def twice(house: Any) -> tuple[Any, Any]:
    """An administrator at two devices."""
    first = (await house.clinic(strong=False)).admin
    second = house.visitor()
    second.email = first.email
    house.clock.pass_(minutes=1)
    assert (await second.sign_in(device="  Tablet in the practice ")).status_code == 201
    return first, second


async def listed(person: Any) -> list[dict[str, Any]]:
    answer = await person.get("/v1/me/sessions")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_sessions_are_listed_last_used_first_and_the_current_one_is_marked(house: Any) -> None:
    first, second = await twice(house)
    tablet, other = await listed(second)
    assert (tablet["device"], tablet["current"], tablet["methods"], tablet["aal"]) == (
        "Tablet in the practice",
        True,
        ["pwd"],
        1,
    )
    assert (other["current"], other["organisation"], other["client"]) == (False, first.organisation, "")
    house.clock.pass_(minutes=5)
    assert (await first.renew()).status_code == 200
    assert [one["id"] for one in await listed(first)] == [other["id"], tablet["id"]]
    assert [one["current"] for one in await listed(first)] == [True, False]


async def test_a_browser_that_gives_no_name_is_known_by_its_kind_and_its_header_is_not_kept(house: Any) -> None:
    owner = (await house.clinic(strong=False)).admin
    owner.http.headers["user-agent"] = FIREFOX
    await owner.sign_in()
    assert {one["device"] for one in await listed(owner)} == {"Unknown device", "Firefox on Windows"}
    async with house.platform.database.worker() as tx:
        [(rows,)] = await (await tx.execute("select string_agg(session::text, '') from session")).fetchall()
    assert "Gecko" not in rows


async def test_a_device_is_named_on_the_version_that_was_read(house: Any) -> None:
    first, second = await twice(house)
    session = (await listed(second))[0]
    path = f"/v1/me/sessions/{session['id']}"
    saved = await first.put(path, {"device": " Kitchen "}, if_match='"1"')
    assert (saved.status_code, saved.headers["etag"]) == (200, '"2"')
    assert saved.json() == {"id": session["id"], "version": 2}
    assert (await listed(second))[0] | {"used_at": ""} == session | {"device": "Kitchen", "version": 2, "used_at": ""}
    refused(await first.put(path, {"device": "Late"}, if_match='"1"'), 412, "version-conflict")
    assert (await first.put(path, {"device": "A"}, idempotency_key="d")).status_code == 200
    refused(await first.put(path, {"device": "B"}, idempotency_key="d"), 422, "idempotency-key-reused")
    for wrong in ("", "  ", "x" * 61, "a\nb", None):
        refused(await first.put(path, {"device": wrong}), 400, "malformed")
    refused(await first.sign_in(device="x" * 61), 400, "malformed")


async def test_one_session_is_ended_and_the_others_go_on(house: Any) -> None:
    first, second = await twice(house)
    session = (await listed(second))[0]["id"]
    path = f"/v1/me/sessions/{session}"
    assert (await first.delete(path, idempotency_key="e")).status_code == 204
    assert (await first.delete(path, idempotency_key="e")).status_code == 204
    refused(await second.renew(), 401, "session-ended")
    assert (await first.delete(path)).status_code == 204
    refused(await first.delete(f"/v1/me/sessions/{uuid4()}"), 404, "not-found")
    refused(await first.put(path, {"device": "Gone"}), 404, "not-found")
    assert [one["current"] for one in await listed(first)] == [True]
    assert (await first.renew()).status_code == 200


async def test_all_others_are_ended_or_all(house: Any) -> None:
    first, second = await twice(house)
    third = house.visitor()
    third.email = first.email
    await third.sign_in()
    assert (await third.delete("/v1/me/sessions", idempotency_key="a")).status_code == 204
    refused(await first.renew(), 401, "session-ended")
    refused(await second.renew(), 401, "session-ended")
    assert (await third.renew()).status_code == 200
    refused(await third.delete("/v1/me/sessions?all=perhaps"), 400, "malformed")
    gone = await third.delete("/v1/me/sessions?all=true")
    assert gone.status_code == 204
    assert [line.partition("=")[0] for line in gone.headers.get_list("set-cookie")] == [
        "mindlyfe_main_access",
        "mindlyfe_main_refresh",
    ]
    refused(await third.renew(), 401, "session-ended")


async def test_what_is_not_ones_own_session_is_not_found(house: Any) -> None:
    harbour, meadow = await house.clinic("Harbour"), await house.clinic("Meadow")
    foreign = (await listed(meadow.admin))[0]["id"]
    # An account has its stream in the region, too, by the id of its person.
    for session in (foreign, str(uuid4()), meadow.admin.id, harbour.admin.id):
        refused(await harbour.admin.delete(f"/v1/me/sessions/{session}"), 404, "not-found")
        refused(await harbour.admin.put(f"/v1/me/sessions/{session}", {"device": "Mine"}), 404, "not-found")
    assert (await meadow.admin.renew()).status_code == 200


async def test_sessions_that_ran_out_are_not_shown(house: Any) -> None:
    first, second = await twice(house)
    house.clock.pass_(days=13)
    await second.renew()
    house.clock.pass_(days=2)
    await second.renew()
    assert [one["device"] for one in await listed(second)] == ["Tablet in the practice"]
    refused(await first.renew(), 401, "session-ended")


async def test_sessions_are_ended_for_one_clinic_alone(house: Any) -> None:
    harbour, meadow = await house.clinic("Harbour"), await house.clinic("Meadow")
    here = await harbour.staff("therapist", email="sam@mail.example", strong=False)
    there = await meadow.staff("supervisor", email="sam@mail.example", strong=False)
    await there.sign_in(organisation=str(meadow.tenant))
    everywhere = await listed(here)
    assert {one["organisation"] for one in everywhere} == {str(harbour.tenant), str(meadow.tenant)}
    database = house.platform.database
    endings = Endings(identity_streams(database, house.platform.keys), SessionList(database), house.clock)
    await endings.end(act(REGION), here.id, organisation=harbour.tenant)
    refused(await here.renew(), 401, "session-ended")
    assert {one["organisation"] for one in await listed(there)} == {str(meadow.tenant)}
    assert (await there.renew()).status_code == 200


async def test_only_the_region_sees_sessions(house: Any) -> None:
    harbour = await house.clinic()
    for tenant, count in ((REGION, 1), (harbour.tenant, 0)):
        async with house.platform.database.app(tenant) as tx:
            assert await (await tx.execute("select count(*) from session")).fetchone() == (count,)
