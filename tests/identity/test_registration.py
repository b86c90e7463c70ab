"""Registration over HTTP: by a link, with proof of the address, and without telling who has an account."""

from typing import Any

from mindlyfe.identity.contract import MemberJoinedV1, RegistrationStartedV1


async def test_a_patient_registers_verifies_twice_and_signs_in(house: Any) -> None:
    clinic = await house.clinic()
    pat = house.visitor()
    pat.email = "Pat@Mail.Example"
    assert (await pat.post("/v1/registrations", await clinic.wish(pat.email))).status_code == 202
    assert (await pat.sign_in()).status_code == 401
    code = await house.mailed_code(RegistrationStartedV1)
    for _ in ("scanner", "person"):
        answer = await pat.post("/v1/verifications", {"code": code})
        assert (answer.status_code, answer.json()) == (200, {"status": "verified"})
    pat.email = "pAT@mail.EXAMPLE"
    assert (await pat.sign_in()).status_code == 201
    me = (await pat.get("/v1/me")).json()
    assert me["person"] == pat.id
    assert (me["name"], me["roles"], me["email"]) == ("Pat", ["patient"], "Pat@Mail.Example")
    joined = [event for _, event in await house.published() if isinstance(event, MemberJoinedV1)]
    assert [str(event.person) for event in joined].count(pat.id) == 1
