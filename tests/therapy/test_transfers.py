"""Episodes follow handovers of care: once, when they are due, and only what the giver treats."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.therapy.adapters.http.test_custody import Custody
from tests.therapy.adapters.http.test_episodes import Scene
from tests.therapy.adapters.http.test_tasks import looked, tasks

from mindlyfe.identity.contract import CareEndedV1
from mindlyfe.kernel.postgres import TENANT
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.therapy.adapters.transfers import TransferList
from mindlyfe.therapy.application.transferring import Transferring


class Handed(Scene):
    """An episode that Dr Ruiz treats, and handovers of it."""

    async def hand(self, giver: Any, receiver: Any, at: datetime | None = None) -> None:
        """Identity tells it, twice; the worker looks twice, too."""
        wish: Any = {"patient": self.patient.id, "clinician": giver.id, "passed_to": receiver.id if receiver else None}
        told = self.clinic.heard(CareEndedV1(care=uuid4(), until=at or self.clinic.clock.now, **wish))
        follower = next(one for one in self.clinic.module.follows if one.name == "transfers")
        for _ in range(2):
            async with self.clinic.database.worker() as tx:
                await tx.execute(TENANT, (str(self.clinic.tenant),))
                await follower.apply(tx, [told])
            await self.look()
        if receiver:
            whose = {"patient": self.patient.id, "clinician": receiver.id}
            await self.clinic.identity.begin(tenant=self.clinic.tenant, care=uuid4(), **whose)

    async def look(self) -> None:
        """One turn of the worker."""
        streams = next(one for one in self.clinic.module.streams if one.name == "episode")
        agreed = TransferList(self.clinic.database)
        await Transferring(streams=streams, agreed=agreed, clock=self.clinic.clock).turn()

    async def seen(self) -> dict[str, Any]:
        answer = await self.desk.get(self.path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@pytest.fixture
async def scene(clinic: Any) -> Handed:
    scene = Handed(clinic)
    await scene.refer(addressed_to=str(scene.ruiz.id))
    assert (await scene.step(scene.ruiz, "acceptance")).status_code == 200
    clinic.identity.told.clear()
    return scene


async def test_the_receiver_goes_on_where_the_giver_stopped(scene: Handed) -> None:
    await scene.hand(scene.ruiz, scene.mensah)
    seen = await scene.seen()
    assert (seen["clinician"], seen["version"]) == (str(scene.mensah.id), 3)
    refused(await scene.ruiz.get(scene.path), 404, "not-found")
    accepted = {"stage": "accepted"}
    assert (await scene.ruiz.get("/v1/episodes", **accepted)).json()["items"] == []
    [listed] = (await scene.mensah.get("/v1/episodes", **accepted)).json()["items"]
    assert (listed["id"], listed["clinician"], listed["version"]) == (scene.id, str(scene.mensah.id), 3)
    assert (await scene.step(scene.mensah, "beginning")).status_code == 200
    assert (await scene.step(scene.mensah, "discharge", {"ending": "completed"})).status_code == 200


async def test_one_that_is_ordered_ahead_waits_for_its_time(scene: Handed) -> None:
    clock = scene.clinic.clock
    await scene.hand(scene.ruiz, scene.mensah, clock.now + timedelta(days=2))
    assert (await scene.seen())["clinician"] == str(scene.ruiz.id)
    clock.pass_(days=2)
    await scene.look()
    assert (await scene.seen())["clinician"] == str(scene.mensah.id)


async def test_there_and_back_again(scene: Handed) -> None:
    await scene.hand(scene.ruiz, scene.mensah)
    await scene.hand(scene.mensah, scene.ruiz)
    seen = await scene.seen()
    assert (seen["clinician"], seen["version"]) == (str(scene.ruiz.id), 4)


async def test_what_somebody_else_treats_and_care_that_just_ends_change_nothing(scene: Handed) -> None:
    await scene.hand(scene.mensah, scene.clinic.person("therapist"))
    await scene.hand(scene.ruiz, None)
    seen = await scene.seen()
    assert (seen["clinician"], seen["version"]) == (str(scene.ruiz.id), 2)
    async with scene.clinic.database.app(scene.clinic.tenant) as tx:
        assert await (await tx.execute("select care from transfer")).fetchall() == []


async def test_the_task_of_a_leavers_episode_ends_with_the_handover(scene: Handed) -> None:
    clinic, admin = scene.clinic, scene.clinic.person("clinic-admin")
    for leaver, heir in ((scene.ruiz, scene.mensah), (scene.mensah, clinic.person("therapist"))):
        await Custody(clinic).leave(leaver)
        await looked(clinic)
        (task,) = await tasks(admin)
        assert (task["kind"], task["about"]) == ("leavers-episode", scene.id)
        clinic.clock.pass_(minutes=5)
        await scene.hand(leaver, heir)
        for _ in range(2):
            await looked(clinic)
        assert await tasks(admin) == []
