"""Who of the staff has no second factor: for administrators, in the list of members and as CSV."""

from typing import Any

from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.authenticators import Device

OWN = "/v1/me/factors/passkeys"


async def shown(admin: Any, **asked: Any) -> dict[str, bool | None]:
    """Person → whether they have one, as the list tells it."""
    answer = await admin.get("/v1/members", **asked)
    assert answer.status_code == 200, answer.text
    return {one["person"]: one["second_factor"] for one in answer.json()["items"]}


async def team(house: Any) -> tuple[Any, Any, Any]:
    """A clinic with a strong administrator, a therapist and a patient."""
    clinic = await house.clinic()
    await clinic.admin.strengthen()
    return clinic, await clinic.staff("therapist", strong=False), await (await clinic.patient()).strengthen()


async def test_an_administrator_sees_who_of_the_staff_lacks_one(house: Any) -> None:
    clinic, therapist, patient = await team(house)
    assert await shown(clinic.admin) == {clinic.admin.id: True, therapist.id: False, patient.id: None}
    assert await shown(clinic.admin, second_factor="false") == {therapist.id: False}
    assert await shown(clinic.admin, second_factor="true", role="clinic-admin") == {clinic.admin.id: True}
    await therapist.strengthen()
    assert await shown(clinic.admin, second_factor="false") == {}
    refused(await clinic.admin.get("/v1/members", second_factor="perhaps"), 400, "malformed")


async def test_an_app_counts_from_its_first_code_until_it_is_given_up(house: Any) -> None:
    clinic, therapist, _ = await team(house)
    await therapist.post("/v1/me/factors/totp")
    assert (await shown(clinic.admin))[therapist.id] is False
    await therapist.strengthen()
    assert (await shown(clinic.admin))[therapist.id] is True
    factor = (await therapist.get("/v1/me/factors")).json()["totp"]["factor"]
    assert (await therapist.delete(f"/v1/me/factors/{factor}")).status_code == 200
    assert (await shown(clinic.admin))[therapist.id] is False


async def test_one_of_two_factors_is_enough(house: Any) -> None:
    clinic, therapist, _ = await team(house)
    device = Device()
    asked = (await therapist.post(f"{OWN}/challenges")).json()
    wish = {"challenge": asked["challenge"], "name": "Phone", "credential": device.create(asked["public_key"])}
    added = (await therapist.post(OWN, wish)).json()
    therapist.keep(added["session"])
    assert (await shown(clinic.admin))[therapist.id] is True
    await therapist.enrol()
    assert (await therapist.delete(f"/v1/me/factors/{added['factor']}")).status_code == 200
    assert (await shown(clinic.admin))[therapist.id] is True


async def test_whose_factors_were_lost_has_none(house: Any) -> None:
    clinic, therapist, _ = await team(house)
    await therapist.strengthen()
    why = {"reason": "Her phone fell into the harbour."}
    assert (await clinic.admin.delete(f"/v1/members/{therapist.id}/factors", why)).status_code == 204
    assert (await shown(clinic.admin))[therapist.id] is False


async def test_others_do_not_learn_it(house: Any) -> None:
    clinic, therapist, _ = await team(house)
    desk = await (await clinic.staff("reception")).strengthen()
    assert set((await shown(desk)).values()) == {None}
    refused(await desk.get("/v1/members", second_factor="false"), 403, "forbidden")
    meadow = await house.clinic("Meadow")
    await meadow.admin.strengthen()
    assert await shown(meadow.admin) == {meadow.admin.id: True}
    await therapist.delete("/v1/me/membership")
    assert await shown(clinic.admin, standing="left") == {therapist.id: None}


async def test_it_is_in_the_csv(house: Any) -> None:
    clinic, therapist, _ = await team(house)
    lines = (await clinic.admin.get("/v1/members", format="csv", second_factor="false")).text.splitlines()
    assert lines[0].split(",")[-1] == "second_factor"
    assert [(line.split(",")[0], line.split(",")[-1]) for line in lines[1:]] == [(therapist.id, "false")]
