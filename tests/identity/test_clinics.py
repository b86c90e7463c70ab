"""What operators see of clinics, and the links by which they let others open one."""

from typing import Any
from uuid import uuid4

import pytest

from mindlyfe.identity.testing.person import PASSWORD
from mindlyfe.kernel.testing.answers import refused

REUSED = (422, "idempotency-key-reused")
LAW = {"name": "Meadow House", "zone": "Europe/London", "locale": "en-GB", "jurisdiction": "GB-ENG"}


def wish(code: str, name: str = "Meadow") -> dict[str, Any]:
    """What somebody sends to open a clinic."""
    person = {"name": f"Ada of {name}", "email": f"ada@{name.lower()}.example", "password": PASSWORD, "zone": "UTC"}
    return {
        "code": code,
        "organisation": {"name": name, "zone": "Europe/London", "locale": "en-GB"},
        "administrator": person,
    }


async def operator(house: Any) -> Any:
    """Who opened the first clinic by the link of the platform."""
    return await (await house.clinic("Harbour")).admin.strengthen()


async def offered(who: Any, **more: Any) -> dict[str, Any]:
    """A new link, with its code."""
    answer = await who.post("/v1/setup-links", more)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made | {"code": made["url"].split("#code=")[1]}


async def states(who: Any, **asked: Any) -> dict[str, str]:
    """Link → what became of it."""
    return {one["id"]: one["state"] for one in (await who.get("/v1/setup-links", **asked)).json()["items"]}


async def test_an_operator_sees_clinics_and_nobody_in_them(house: Any) -> None:
    """The decision: name, region, law, since when, how many. Whoever adds a column changes this test."""
    harbour = await house.clinic("Harbour")
    meadow = await house.clinic("Meadow")
    people = [await meadow.staff("therapist"), await meadow.patient(), meadow.admin]
    await people[0].delete("/v1/me/membership")
    await (await meadow.admin.strengthen()).put("/v1/organisation", LAW)
    answer = await (await harbour.admin.strengthen()).get("/v1/clinics")
    first, second = answer.json()["items"]
    assert first.keys() == {"id", "name", "region", "jurisdiction", "opened_at", "members"}
    assert (first["id"], first["name"], first["members"]) == (str(harbour.tenant), "Harbour", 1)
    region = house.platform.settings.region
    assert (second["name"], second["region"], second["jurisdiction"]) == ("Meadow House", region, "GB-ENG")
    assert second["members"] == 2
    for person in people:
        assert person.id not in answer.text
        assert person.email not in answer.text
    assert "clinics.read" in {row.action for row in house.audit.rows}


async def test_clinics_come_in_pages_and_as_csv(house: Any) -> None:
    ada = await operator(house)
    await house.clinic("Meadow")
    first = (await ada.get("/v1/clinics", limit=1)).json()
    rest = (await ada.get("/v1/clinics", limit=1, cursor=first["next"])).json()
    assert [one["name"] for one in (*first["items"], *rest["items"])] == ["Harbour", "Meadow"]
    assert rest["next"] is None
    csv = await ada.get("/v1/clinics", format="csv")
    assert csv.text.splitlines()[0] == "id,name,region,jurisdiction,opened_at,members"
    assert [line.split(",")[1] for line in csv.text.splitlines()[1:]] == ["Harbour", "Meadow"]
    refused(await ada.get("/v1/clinics", cursor="nonsense"), 400, "malformed")


async def test_a_link_opens_one_clinic_whose_administrator_is_no_operator(house: Any) -> None:
    ada, mia = await operator(house), house.visitor()
    link = await offered(ada)
    assert (await states(ada))[link["id"]] == "open"
    opened = await mia.post("/v1/setup", wish(link["code"]))
    assert opened.status_code == 201, opened.text
    refused(await house.visitor().post("/v1/setup", wish(link["code"], "Third")), 409, "code-used")
    mia.email = "ada@meadow.example"
    assert (await mia.sign_in()).json()["roles"] == ["clinic-admin"]
    [listed] = (await ada.get("/v1/setup-links", state="used")).json()["items"][-1:]
    assert (listed["id"], listed["organisation"]) == (link["id"], opened.json()["organisation"])
    assert listed["operator"] is False
    await mia.strengthen()
    refused(await mia.get("/v1/clinics"), 403, "forbidden")
    refused(await mia.post("/v1/setup-links", {}), 403, "forbidden")
    refused(
        await mia.put(f"/v1/members/{mia.id}/roles", {"roles": ["clinic-admin", "operator"]}), 403, "role-not-yours"
    )


async def test_a_link_ends(house: Any) -> None:
    ada = await operator(house)
    short, long = await offered(ada, hours=1), await offered(ada, hours=336)
    house.clock.pass_(hours=1)
    refused(await house.visitor().post("/v1/setup", wish(short["code"])), 410, "code-expired")
    await ada.renew()
    assert (await states(ada))[short["id"]] == "expired"
    assert short["id"] not in await states(ada, state="open")
    assert (await house.visitor().post("/v1/setup", wish(long["code"]))).status_code == 201


async def test_a_link_is_taken_back(house: Any) -> None:
    ada = await operator(house)
    link, used = await offered(ada), await offered(ada)
    for _ in range(2):
        assert (await ada.delete(f"/v1/setup-links/{link['id']}")).status_code == 204
    refused(await house.visitor().post("/v1/setup", wish(link["code"])), 410, "code-expired")
    assert (await states(ada, state="withdrawn")) == {link["id"]: "withdrawn"}
    assert (await house.visitor().post("/v1/setup", wish(used["code"]))).status_code == 201
    refused(await ada.delete(f"/v1/setup-links/{used['id']}"), 409, "code-used")
    refused(await ada.delete(f"/v1/setup-links/{uuid4()}"), 404, "not-found")


async def test_the_address_of_a_link_is_shown_once_and_again_only_to_the_same_request(house: Any) -> None:
    ada = await operator(house)
    first = await ada.post("/v1/setup-links", {"hours": 24}, idempotency_key="meadow")
    again = await ada.post("/v1/setup-links", {"hours": 24}, idempotency_key="meadow")
    assert (again.status_code, again.json()) == (201, first.json())
    refused(await ada.post("/v1/setup-links", {"hours": 25}, idempotency_key="meadow"), *REUSED)
    refused(await ada.delete(f"/v1/setup-links/{first.json()['id']}", idempotency_key="meadow"), *REUSED)
    listed = await ada.get("/v1/setup-links")
    assert first.json()["url"].split("#code=")[1] not in listed.text
    refused(await ada.get("/v1/setup-links", cursor="nonsense"), 400, "malformed")


@pytest.mark.parametrize("hours", [0, 337, "72", 1.5])
async def test_a_link_lasts_an_hour_to_two_weeks(house: Any, hours: Any) -> None:
    refused(await (await operator(house)).post("/v1/setup-links", {"hours": hours}), 400, "malformed")


async def test_operators_need_a_second_factor_and_a_fresh_proof(house: Any) -> None:
    ada = (await house.clinic(strong=False)).admin
    for method, path in (("GET", "/v1/clinics"), ("GET", "/v1/setup-links"), ("POST", "/v1/setup-links")):
        refused(await ada.http.request(method, path, headers=ada.headers, json={}), 403, "assurance-too-low")
    await ada.strengthen()
    house.clock.pass_(minutes=9)
    await ada.renew()
    assert (await ada.post("/v1/setup-links", {})).status_code == 201
    house.clock.pass_(minutes=2)
    await ada.renew()
    refused(await ada.post("/v1/setup-links", {}), 403, "sign-in-too-old")
