"""Merging duplicates over HTTP: proposed, decided by somebody else, carried out."""

import asyncio
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from tests.identity.rights import working
from tests.identity.twice import Twice

from mindlyfe.identity.contract import CareEndedV1, CareStartedV1, InvitationIssuedV1, Recipients
from mindlyfe.identity.contract.consents import Consents
from mindlyfe.identity.contract.members import MemberLeftV1
from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.identity.contract.ties import Ties
from mindlyfe.identity.testing.person import PASSWORD
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.testing.answers import refused

RECORDING = {"purpose": "recording", "language": "en", "text": "We may record our sessions."}


@pytest.fixture
async def twice(house: Any) -> Twice:
    return await Twice(house, await house.clinic()).open()


async def test_two_people_make_one_of_two_accounts(house: Any, twice: Twice) -> None:
    ruiz, sato = await twice.clinic.staff("therapist"), await twice.clinic.staff("supervisor")
    await twice.care(twice.old, ruiz)
    await twice.care(twice.old, sato)
    await twice.care(twice.new, sato)
    preview = (
        await twice.admin.post("/v1/merges/preview", {k: twice.wish[k] for k in ("duplicate", "survivor")})
    ).json()
    assert (preview["conflicts"], preview["blocks"]) == ([], [])
    assert preview["duplicate"]["treated_by"] == sorted([ruiz.id, sato.id])
    assert preview["survivor"]["records"][0]["count"] == 1
    view = await twice.merged()
    assert (view["contexts_confirmed"], view["decided_by"]) == (["identity"], twice.officer.id)
    assert {str(one.patient) for one in await twice.told(CareEndedV1)} == {twice.old.id}
    assert [str(one.patient) for one in await twice.told(CareStartedV1)][3:] == [twice.new.id]
    for clinician in (ruiz, sato):
        held = await house.module.answers[Ties].held(tenant=twice.clinic.tenant, holder=UUID(clinician.id))
        assert [str(one.subject) for one in held if one.until is None] == [twice.new.id]
    [merged] = await twice.told(MemberMergedV1)
    assert (str(merged.duplicate), str(merged.survivor)) == (twice.old.id, twice.new.id)
    assert (await twice.propose()).json() == view
    assert (await twice.decide()).json() == view
    [listed] = (await twice.admin.get("/v1/merges")).json()["items"]
    assert (listed["id"], listed["status"]) == (view["id"], "completed")


async def test_the_duplicate_is_signed_out_here_and_nowhere_else(house: Any, twice: Twice) -> None:
    meadow = await house.clinic("Meadow")
    there = house.visitor()
    there.email = twice.old.email
    invitation = {"email": there.email, "name": "Pat", "roles": ["patient"], "date_of_birth": "1990-04-02"}
    await meadow.admin.post("/v1/invitations", invitation)
    code = await house.mailed_code(InvitationIssuedV1)
    accepted = {"code": code, "password": PASSWORD, "zone": "Europe/London", "date_of_birth": "1990-04-02"}
    assert (await there.post("/v1/invitations/acceptance", accepted)).status_code == 200
    assert (await there.sign_in(organisation=str(meadow.tenant))).status_code == 201
    await twice.merged()
    refused(await twice.old.renew(), 401, "session-ended")
    refused(await twice.old.sign_in(organisation=str(twice.clinic.tenant)), 401, "sign-in-failed")
    assert (await there.renew()).status_code == 200
    assert (await there.get("/v1/me")).json()["organisation"] == str(meadow.tenant)
    assert (await twice.new.renew()).status_code == 200


async def test_a_merged_account_is_no_leaver(twice: Twice) -> None:
    """Who leaves has their appointments cancelled; those of a duplicate go on."""
    await twice.merged()
    assert await twice.told(MemberLeftV1) == []
    await twice.new.delete("/v1/me/membership")
    assert [str(one.person) for one in await twice.told(MemberLeftV1)] == [twice.new.id]


async def test_the_old_id_leads_to_who_is_left(house: Any, twice: Twice) -> None:
    text = (await twice.admin.post("/v1/consent-texts", RECORDING)).json()
    assert (await twice.old.post("/v1/me/consents", {"text": text["id"]})).status_code == 200
    refused(await twice.propose(), 409, "conflicts-not-acknowledged")
    assert (await twice.propose("consents-differ")).status_code == 200
    await twice.decide()
    await twice.completed()
    patients, tenant, old = f"/v1/patients/{twice.old.id}", twice.clinic.tenant, UUID(twice.old.id)
    for path in ("profile", "header"):
        assert (await twice.admin.get(f"{patients}/{path}")).json()["person"] == twice.new.id
    assert (await twice.admin.get(f"{patients}/consents")).json()["items"] == []
    [kept] = (await twice.admin.get(f"{patients}/consents/history")).json()["items"]
    assert (kept["purpose"], kept["given"]) == ("recording", True)
    consents = cast("Consents", house.module.answers[Consents])
    assert not (await consents.given(tenant=tenant, person=old, purpose="recording")).given  # type: ignore[arg-type]
    recipients = cast("Recipients", house.module.answers[Recipients])
    assert (await recipients.contact(tenant=tenant, person=old)).email == twice.new.email  # type: ignore[arg-type]
    detail = (await twice.admin.get(f"/v1/members/{twice.old.id}")).json()
    assert (detail["standing"], detail["merged_into"]) == ("left", twice.new.id)
    changed = {"date_of_birth": "1991-04-02", "reason": "Passport shown."}
    saved = await twice.admin.put(f"{patients}/date-of-birth", changed)
    assert saved.json()["person"] == twice.new.id
    ruiz = await (await twice.clinic.staff("therapist")).strengthen()
    glass = await ruiz.post("/v1/break-glass", {"patient": twice.old.id, "reason": "The emergency department called."})
    seen = (await ruiz.get(f"/v1/break-glass/{glass.json()['id']}")).json()
    assert seen["patient"] == twice.new.id


async def test_an_invitation_to_the_old_address_does_not_split_them_again(house: Any, twice: Twice) -> None:
    await twice.merged()
    invitation = {"email": twice.old.email, "name": "Pat", "roles": ["patient"], "date_of_birth": "1990-04-02"}
    assert (await twice.admin.post("/v1/invitations", invitation)).status_code == 201
    code = await house.mailed_code(InvitationIssuedV1)
    accepted = {"code": code, "password": PASSWORD, "zone": "Europe/London", "date_of_birth": "1990-04-02"}
    refused(await twice.old.post("/v1/invitations/acceptance", accepted), 409, "merged-away")
    assert (await twice.admin.get(f"/v1/members/{twice.old.id}")).json()["standing"] == "left"


async def test_merges_follow_one_another(twice: Twice) -> None:
    await twice.merged()
    third, first = await twice.clinic.patient("third@mail.example"), twice.path
    twice.path = f"/v1/merges/{uuid4()}"
    refused(await twice.propose(), 404, "not-found")
    twice.wish |= {"duplicate": twice.new.id, "survivor": third.id}
    await twice.merged()
    header = (await twice.admin.get(f"/v1/patients/{twice.old.id}/header")).json()
    assert header["person"] == third.id
    assert [one["id"] for one in (await twice.admin.get("/v1/merges")).json()["items"]][1] == first[-36:]


async def test_killed_in_the_middle_it_goes_on_and_nothing_is_done_twice(
    twice: Twice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Death comes before each of its writes in turn."""
    await twice.care(twice.old, await twice.clinic.staff("therapist"))
    await twice.propose()
    await twice.decide()
    decide, left, died = Streams[Any, Any].decide, 0, asyncio.Event()

    async def mortal(*args: Any, **more: Any) -> Any:
        nonlocal left
        if left == 0:
            died.set()
            raise RuntimeError
        left -= 1
        return await decide(*args, **more)

    monkeypatch.setattr(Streams, "decide", mortal)
    for life in range(5):
        left = life
        died.clear()
        async with working(twice.house.module, "merges"), asyncio.timeout(20):
            await died.wait()
    monkeypatch.undo()
    await twice.completed()
    assert [len(await twice.told(kind)) for kind in (MemberLeftV1, CareEndedV1, MemberMergedV1)] == [0, 1, 1]
    assert len(await twice.told(CareStartedV1)) == 2


async def test_both_patients_can_ask_who_compared_and_merged_them(house: Any, twice: Twice) -> None:
    await twice.admin.post("/v1/merges/preview", {name: twice.wish[name] for name in ("duplicate", "survivor")})
    await twice.propose()
    await twice.decide()
    async with house.platform.database.app(twice.clinic.tenant) as tx:
        rows = await (await tx.execute("select action, subject::text from audit where subject is not null")).fetchall()
    for action in ("merges.previewed", "merge.proposed", "merge.approved"):
        assert {subject for done, subject in rows if done == action} == {twice.old.id, twice.new.id}
