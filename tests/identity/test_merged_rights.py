"""What becomes of a person's rights when two accounts of theirs were merged: one erasing, one hold, one retention."""

from typing import Any
from uuid import UUID

import pytest
from tests.identity.conftest import House, assembled
from tests.identity.test_erasing_resumes import Killed, Life, erasing, turn
from tests.identity.twice import Twice

from mindlyfe.identity.contract.erasures import ErasureCompletedV1
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import REGION, PersonId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.stand_ins import MemoryObjects

WHY = {"reason": "A claim before the court"}
EFFECTS = 14
"""Those of two accounts, each with its own region's key."""


@pytest.fixture
async def house(database: Database) -> House:
    return assembled(database, MemoryObjects())


@pytest.fixture
async def twice(house: Any) -> Twice:
    return await Twice(house, await house.clinic()).open()


async def gone(house: Any, twice: Twice) -> None:
    """Nothing of either account is readable, and no row is left that is theirs."""
    persons = [PersonId(UUID(one.id)) for one in (twice.old, twice.new)]
    for tenant in (twice.clinic.tenant, REGION):
        for person in persons:
            with pytest.raises(Erased):
                await house.platform.keys.of(tenant, person)
    async with house.platform.database.worker() as tx:
        for table in ("member", "account_address", "session", "erasure_request"):
            rows = await (await tx.execute(f"select from {table} where person = any (%s)", (persons,))).fetchall()
            assert rows == [], table


async def test_who_is_erased_is_erased_under_every_account_they_had(house: Any, twice: Twice) -> None:
    await twice.merged()
    third, twice.path = await twice.clinic.patient("third@mail.example"), f"{twice.path[:-1]}f"
    oldest = twice.old
    twice.wish |= {"duplicate": twice.new.id, "survivor": third.id}
    await twice.merged()
    assert (await third.post("/v1/me/erasure-request")).json()["status"] == "granted"
    for _ in range(2):
        await turn(house, Life(10_000))
    told = [str(event.person) for _, event in await house.published() if isinstance(event, ErasureCompletedV1)]
    assert (set(told), told[-1]) == ({oldest.id, twice.new.id, third.id}, third.id)
    await gone(house, twice)
    refused(await twice.officer.get(f"/v1/patients/{oldest.id}/header"), 403, "forbidden")
    refused(await twice.admin.get(f"/v1/patients/{oldest.id}/header"), 404, "not-found")


@pytest.mark.parametrize("effects", [1, 3, 6, 8, 11, EFFECTS])
async def test_the_erasing_of_both_goes_on_where_it_died(house: Any, twice: Twice, effects: int) -> None:
    await twice.merged()
    await twice.new.post("/v1/me/erasure-request")
    with pytest.raises(Killed):
        await turn(house, Life(effects))
    for _ in range(2):
        await turn(house, Life(10_000))
    told = [str(event.person) for _, event in await house.published() if isinstance(event, ErasureCompletedV1)]
    assert told == [twice.old.id, twice.new.id]
    await gone(house, twice)


async def test_a_grant_that_died_before_the_second_account_is_taken_up(house: Any, twice: Twice) -> None:
    """The decision stands, the older account is being erased, and the other one was not begun."""
    await twice.merged()
    worker, tenant = erasing(house, Life(10_000)), twice.clinic.tenant
    await worker._begin(tenant, PersonId(UUID(twice.old.id)))  # pyright: ignore[reportPrivateUsage]
    await twice.new.post("/v1/me/erasure-request")
    for _ in range(2):
        await turn(house, Life(10_000))
    await gone(house, twice)


async def test_a_hold_on_either_id_stops_the_erasing_of_both(twice: Twice) -> None:
    await twice.merged()
    for one in (twice.old, twice.new):
        hold = f"/v1/legal-holds/{one.id}"
        assert (await twice.officer.put(hold, WHY)).status_code == 204
        assert (await twice.new.post("/v1/me/erasure-request")).json()["status"] == "waiting"
        for either in (twice.old, twice.new):
            path = f"/v1/erasure-requests/{either.id}"
            assert (await twice.officer.get(path)).json()["hold"]["reason"] == WHY["reason"]
            refused(await twice.officer.post(f"{path}/decision", {"decision": "grant"} | WHY), 409, "legal-hold")
        assert (await twice.officer.post(f"{hold}/end", WHY)).status_code == 204
        assert (await twice.new.delete("/v1/me/erasure-request")).status_code == 204


async def test_a_hold_that_was_set_while_they_were_merged_counts(twice: Twice) -> None:
    """It stands under the old id, which was not merged yet."""
    await twice.propose()
    await twice.decide()
    assert (await twice.officer.put(f"/v1/legal-holds/{twice.old.id}", WHY)).status_code == 204
    await twice.completed()
    assert (await twice.new.post("/v1/me/erasure-request")).json()["status"] == "waiting"
    path = f"/v1/erasure-requests/{twice.new.id}/decision"
    refused(await twice.officer.post(path, {"decision": "grant"} | WHY), 409, "legal-hold")
    assert (await twice.officer.post(f"/v1/legal-holds/{twice.new.id}/end", WHY)).status_code == 204
    assert (await twice.officer.post(path, {"decision": "grant"} | WHY)).json()["status"] == "granted"


async def test_records_of_the_old_account_hold_the_erasing_back(twice: Twice) -> None:
    """Its treatment was over before they were merged, and stays the old account's."""
    ruiz = await twice.clinic.staff("therapist")
    await twice.care(twice.old, ruiz)
    [care] = (await twice.admin.get("/v1/care-relationships")).json()["items"]
    twice.house.clock.pass_(seconds=1)
    assert (await twice.admin.post(f"/v1/care-relationships/{care['id']}/end")).status_code == 200
    await twice.merged()
    assert (await twice.new.post("/v1/me/erasure-request")).json()["status"] == "waiting"
    found = (await twice.officer.get(f"/v1/erasure-requests/{twice.new.id}")).json()
    assert [one["count"] for one in found["advice"]["must_stay"]] == [1]
