"""Tasks over HTTP: what opens one, whose it is, what ends it, and what each refusal says."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fhir.resources.R4B.task import Task as FhirTask
from tests.therapy.adapters.http.test_custody import Custody
from tests.therapy.adapters.http.test_episodes import Scene as Intake
from tests.therapy.adapters.http.test_plans import write
from tests.therapy.sitting import Scene
from tests.therapy.ward import Ward

from mindlyfe.kernel.testing.answers import refused
from mindlyfe.therapy.adapters.causes import Causes
from mindlyfe.therapy.application.tasks import FindingTasks
from mindlyfe.therapy.contract import AppointmentId
from mindlyfe.therapy.contract.bookings import AppointmentMissedV1
from mindlyfe.therapy.contract.tasks import NobodysTask, Tasks

DAY = timedelta(days=1)


async def looked(clinic: Any) -> int:
    """One turn of the worker; how many tasks it opened or settled."""
    streams = next(one for one in clinic.module.streams if one.name == "task")
    causes = Causes(clinic.database)
    return await FindingTasks(streams=streams, causes=causes, people=clinic.identity, clock=clinic.clock).turn()


async def tasks(person: Any, **query: Any) -> list[dict[str, Any]]:
    answer = await person.get("/v1/tasks", **query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def missed(clinic: Any, somebody: Any = None) -> tuple[Any, UUID]:
    """A desk, and the appointment that somebody did not come to."""
    patient, therapist = somebody or clinic.person("patient"), clinic.person("therapist")
    appointment = uuid4()
    who: Any = {"patient": patient.id, "therapist": therapist.id, "absent": patient.id}
    told = clinic.heard(AppointmentMissedV1(appointment=AppointmentId(appointment), **who))
    for _ in range(2):
        await clinic.module.hears[AppointmentMissedV1](told)
    return clinic.person("reception"), appointment


async def test_a_no_show_is_for_the_front_desk_to_claim_and_close(clinic: Any) -> None:
    desk, appointment = await missed(clinic)
    (task,) = await tasks(desk)
    assert (task["kind"], task["about"], task["role"]) == ("no-show", str(appointment), "reception")
    path, other = f"/v1/tasks/{task['id']}", clinic.person("reception")
    refused(await desk.post(f"{path}/claim", json=None, if_match='"7"'), 412, "version-conflict")
    for _ in range(2):
        assert (await desk.post(f"{path}/claim", json=None)).json()["version"] == 2
    refused(await other.post(f"{path}/claim", json=None), 409, "task-claimed")
    done = {"outcome": "done", "words": "She is ill."}
    refused(await desk.post(f"{path}/closure", json=done, if_match='"1"'), 412, "version-conflict")
    for _ in range(2):
        assert (await desk.post(f"{path}/closure", json=done)).json()["version"] == 3
    refused(await other.post(f"{path}/closure", json=done), 409, "task-closed")
    refused(await other.post(f"{path}/claim", json=None), 409, "task-closed")
    assert await tasks(desk) == []
    (closed,) = await tasks(desk, open="false")
    assert (closed["outcome"], closed["claimed_by"]) == ("done", str(desk.id))
    assert (await desk.get("/v1/tasks", cursor="x")).status_code == 400


async def test_what_is_not_theirs_is_not_there(clinic: Any) -> None:
    desk, _ = await missed(clinic)
    (task,) = await tasks(desk)
    for stranger in (clinic.person("therapist"), clinic.person("reception", "clinic-admin", tenant=uuid4())):
        assert await tasks(stranger) == []
        refused(await stranger.post(f"/v1/tasks/{task['id']}/claim", json=None), 404, "not-found")
        body = {"outcome": "not-needed"}
        refused(await stranger.post(f"/v1/tasks/{task['id']}/closure", json=body), 404, "not-found")
    refused(await clinic.person("patient").get("/v1/tasks"), 403, "forbidden")


async def test_words_are_sealed_and_told_to_whom_they_are_about(clinic: Any) -> None:
    patient = clinic.person("patient")
    desk, _ = await missed(clinic, patient)
    (task,) = await tasks(desk)
    await desk.post(f"/v1/tasks/{task['id']}/closure", json={"outcome": "done", "words": "In hospital."})
    async with clinic.database.app(clinic.tenant) as tx:
        for table in ("event", "task", "audit"):
            rows = await (await tx.execute(f"select t::text from {table} t")).fetchall()
            assert rows
            assert not any("hospital" in row for (row,) in rows)
    (told,) = await clinic.module.personal.tells(clinic.tenant, patient.id)
    assert (told.topic, told.values["words"]) == ("tasks", "In hospital.")
    assert FhirTask.model_validate(told.resource).status == "completed"


async def test_a_note_is_outstanding_a_day_after_the_encounter_until_it_is_signed(
    clinic: Any, tomorrow: datetime
) -> None:
    scene = await Scene.of(clinic, tomorrow)
    await scene.begun()
    clinic.clock.pass_(minutes=60)
    await scene.step("end")
    ward = Ward(clinic)
    ward.author, ward.patient = scene.therapist, scene.patient
    clinic.identity.told = [ward.tie("care", scene.therapist, uuid4())]
    clinic.clock.pass_(hours=23)
    await looked(clinic)
    assert await tasks(scene.therapist) == []
    note, revision = await ward.draft(appointment=str(scene.id))
    clinic.clock.pass_(hours=1)
    await asyncio.gather(*(looked(clinic) for _ in range(3)))
    (task,) = await tasks(scene.therapist)
    assert task["version"] == 1, "whoever looks at the same time finds one task"
    assert (task["kind"], task["about"], task["patient"]) == (
        "note-outstanding",
        str(scene.id),
        str(scene.patient.id),
    )
    assert (await ward.sign(note, revision)).status_code == 200
    for _ in range(2):
        await looked(clinic)
    assert await tasks(scene.therapist) == []
    assert [one["outcome"] for one in await tasks(scene.therapist, open="false")] == ["settled"]


async def test_a_no_show_that_was_none_is_settled(clinic: Any, tomorrow: datetime) -> None:
    scene = await Scene.of(clinic, tomorrow)
    clinic.clock.now = tomorrow + timedelta(minutes=20)
    path = f"/v1/appointments/{scene.id}/absence"
    assert (await scene.therapist.post(path, json={"absent": "patient"})).status_code == 200
    who: Any = {"patient": scene.patient.id, "therapist": scene.therapist.id, "absent": scene.patient.id}
    told = clinic.heard(AppointmentMissedV1(appointment=AppointmentId(scene.id), **who))
    await clinic.module.hears[AppointmentMissedV1](told)
    await looked(clinic)
    assert len(await tasks(scene.desk)) == 1
    answer = await clinic.http.delete(path, headers=scene.therapist.headers)
    assert answer.status_code == 204, answer.text
    await looked(clinic)
    assert await tasks(scene.desk) == []


async def test_an_episode_of_who_left_is_a_task_until_treatment_ends(clinic: Any) -> None:
    custody, scene, admin = Custody(clinic), Intake(clinic), clinic.person("clinic-admin")
    await scene.accepted()
    await custody.leave(scene.ruiz)
    clinic.identity.gone.clear()
    await looked(clinic)
    assert await tasks(admin) == [], "they came back before anybody looked"
    clinic.identity.gone.add(scene.ruiz.id)
    for _ in range(2):
        await looked(clinic)
    (task,) = await tasks(admin)
    assert (task["kind"], task["about"], task["role"]) == ("leavers-episode", scene.id, "clinic-admin")
    assert (await scene.step(scene.ruiz, "discharge", {"ending": "transferred"})).status_code == 200
    await looked(clinic)
    assert await tasks(admin) == []


async def test_a_review_that_is_overdue_is_a_task_each_time(clinic: Any) -> None:
    scene = Intake(clinic)
    await scene.accepted()
    await write(scene)
    await looked(clinic)
    assert await tasks(scene.ruiz) == []
    clinic.clock.pass_(days=31)
    for _ in range(2):
        await looked(clinic)
    (task,) = await tasks(scene.ruiz)
    assert (task["kind"], task["assignee"]) == ("plan-review-overdue", str(scene.ruiz.id))
    review = {"next_review": (clinic.clock.now + 7 * DAY).date().isoformat()}
    assert (await scene.ruiz.post(f"{scene.path}/plan/review", json=review)).status_code == 200
    await looked(clinic)
    assert await tasks(scene.ruiz) == []
    clinic.clock.pass_(days=9)
    for _ in range(2):
        await looked(clinic)
    (again,) = await tasks(scene.ruiz)
    assert again["id"] != task["id"]


async def test_other_contexts_open_and_settle_tasks_once_per_cause(clinic: Any) -> None:
    asked: Tasks = clinic.module.answers[Tasks]
    officer, cause = clinic.person("privacy-officer"), uuid4()
    wish: Any = {
        "tenant": clinic.tenant,
        "cause": cause,
        "about": uuid4(),
        "patient": None,
        "assignee": None,
        "due_at": clinic.clock.now,
    }
    assert await asked.open(**wish, role="privacy-officer") == await asked.open(**wish, role="privacy-officer")
    (task,) = await tasks(officer)
    assert (task["kind"], task["about"]) == ("follow-up", str(wish["about"]))
    for _ in range(2):
        await asked.settle(tenant=clinic.tenant, cause=cause)
    assert await tasks(officer) == []
    with pytest.raises(NobodysTask):
        await asked.open(**wish | {"cause": uuid4()}, role=None)
