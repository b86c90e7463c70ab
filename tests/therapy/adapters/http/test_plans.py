"""Treatment plans over HTTP: who writes, who agrees, what the patient reads, and what each refusal says."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fhir.resources.R4B.careplan import CarePlan
from tests.therapy.adapters.http.test_episodes import Scene
from tests.therapy.following import Following

from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.ties import BY_ITSELF, Begun, Held

GOAL = str(uuid4())
PLAN: dict[str, Any] = {
    "problems": [{"words": "Sleeps badly"}],
    "goals": [{"id": GOAL, "words": "Sleep through the night", "target": "2026-09-01"}],
    "interventions": ["Sleep restriction"],
    "measures": [{"instrument": "isi", "every_weeks": 2}],
    "next_review": "2026-07-01",
    "remarks": "Think of the mother.",
}


@pytest.fixture
async def scene(clinic: Any) -> Scene:
    """A patient whom Dr Ruiz took into treatment."""
    scene = Scene(clinic)
    await scene.accepted()
    return scene


async def write(scene: Scene, by: Any = None, **headers: Any) -> Any:
    body = PLAN | {name: headers.pop(name) for name in PLAN.keys() & headers.keys()}
    return await (by or scene.ruiz).put(f"{scene.path}/plan", json=body, **headers)


async def post(scene: Scene, by: Any, name: str, **body: Any) -> Any:
    return await by.post(f"{scene.path}/plan/{name}", json=body)


async def read(scene: Scene, by: Any = None, **query: Any) -> Any:
    answer = await (by or scene.ruiz).get(f"{scene.path}/plan", **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_written_agreed_followed_and_reviewed(scene: Scene) -> None:
    assert (await write(scene)).json()["version"] == 1
    assert (await write(scene)).json()["version"] == 1, "the same again"
    assert (await post(scene, scene.patient, "agreement", number=1)).status_code == 200
    assert (await post(scene, scene.ruiz, "progress", goal=GOAL, progress="in-progress")).status_code == 200
    assert (await post(scene, scene.ruiz, "review", next_review="2026-08-01", remarks="Well.")).status_code == 200
    found = await read(scene)
    assert (found["number"], found["goals"][0]["progress"], found["next_review"]) == (1, "in-progress", "2026-08-01")
    assert found["agreed_at"]
    assert found["remarks"] == "Think of the mother.\n\nWell."
    assert (await write(scene, interventions=["Walks"])).json()["version"] == 5
    assert (await read(scene))["agreed_at"] is None
    old = await read(scene, number=1)
    assert (old["newest"], old["interventions"]) == (False, ["Sleep restriction"])
    history = (await scene.patient.get(f"{scene.path}/plan/versions")).json()["items"]
    assert [(one["number"], one["by"], bool(one["agreed_at"])) for one in history] == [
        (1, str(scene.ruiz.id), True),
        (2, str(scene.ruiz.id), False),
    ]


async def test_the_patient_reads_it_without_remarks_and_the_export_has_all_of_it(scene: Scene) -> None:
    await write(scene)
    found = await read(scene, scene.patient)
    assert (found["remarks"], found["goals"][0]["words"]) == ("", "Sleep through the night")
    tells = scene.clinic.module.personal.tells
    (told,) = [one for one in await tells(scene.clinic.tenant, scene.patient.id) if "treatment_plan" in one.values]
    assert told.values["versions"][0]["remarks"] == "Think of the mother."
    resource: Any = CarePlan.model_validate(told.resource)
    assert (resource.status, resource.contained[0].target[0].dueDate) == ("active", date(2026, 9, 1))
    await scene.step(scene.ruiz, "discharge", {"ending": "completed"})
    told = next(one for one in await tells(scene.clinic.tenant, scene.patient.id) if "treatment_plan" in one.values)
    assert CarePlan.model_validate(told.resource).status == "completed"


async def test_nothing_of_it_is_readable_in_the_database(scene: Scene) -> None:
    await write(scene)
    async with scene.clinic.database.app(scene.clinic.tenant) as tx:
        for table in ("event", "treatment_plan", "audit"):
            rows = await (await tx.execute(f"select t::text from {table} t")).fetchall()
            assert rows
            assert not any("night" in row or "mother" in row for (row,) in rows)


async def test_what_is_not_to_be_is_refused(scene: Scene) -> None:
    refused(await post(scene, scene.ruiz, "progress", goal=GOAL, progress="reached"), 404, "not-found")
    refused(await scene.ruiz.get(f"{scene.path}/plan"), 404, "not-found")
    refused(await write(scene, goals=PLAN["goals"] * 2), 422, "goal-twice")
    refused(await write(scene, next_review="2026-05-31"), 422, "review-in-the-past")
    await write(scene)
    refused(await write(scene, interventions=[], if_match='"7"'), 412, "version-conflict")
    refused(await post(scene, scene.ruiz, "review", next_review="2026-05-31"), 422, "review-in-the-past")
    refused(await post(scene, scene.ruiz, "progress", goal=str(uuid4()), progress="reached"), 422, "unknown-goal")
    refused(await post(scene, scene.patient, "agreement", number=2), 409, "plan-revised")
    refused(await scene.ruiz.get(f"{scene.path}/plan", number=2), 404, "not-found")
    await scene.step(scene.ruiz, "discharge", {"ending": "completed"})
    refused(await write(scene, interventions=[]), 409, "wrong-stage")
    for name, body in (
        ("progress", {"goal": GOAL, "progress": "reached"}),
        ("review", {"next_review": "2026-08-01"}),
        ("agreement", {"number": 1}),
    ):
        refused(await post(scene, scene.ruiz, name, **body), 409, "wrong-stage")
    assert (await read(scene))["number"] == 1


async def test_only_who_treats_writes_a_supervisor_reads_and_others_find_nothing(scene: Scene) -> None:
    await write(scene)
    sato, path = scene.clinic.person("supervisor"), f"{scene.path}/plan"
    since = scene.clinic.clock.now - timedelta(hours=1)
    held = Held(kind="supervision", id=uuid4(), subject=scene.patient.id, since=since, until=None, via=BY_ITSELF)
    scene.clinic.identity.told.append(Begun(sato.id, held))
    assert (await read(scene, sato))["remarks"]
    refused(await write(scene, sato), 404, "not-found")
    refused(await post(scene, sato, "agreement", number=1), 404, "not-found")
    strangers = [scene.mensah, scene.clinic.person("therapist", "patient", tenant=uuid4())]
    for stranger in strangers:
        refused(await stranger.get(path), 404, "not-found")
        refused(await stranger.get(f"{path}/versions"), 404, "not-found")
        refused(await write(scene, stranger), 404, "not-found")
        refused(await post(scene, stranger, "progress", goal=GOAL, progress="reached"), 404, "not-found")
        refused(await post(scene, stranger, "review", next_review="2026-08-01"), 404, "not-found")
        refused(await post(scene, stranger, "agreement", number=1), 404, "not-found")
    refused(await scene.clinic.person("patient").get(path), 404, "not-found")
    refused(await scene.desk.get(path), 403, "forbidden")
    weak = scene.clinic.signer.bearer("therapist", person=scene.ruiz.id, tenant=scene.clinic.tenant, aal=1)
    refused(await scene.clinic.http.get(path, headers=weak), 403, "assurance-too-low")
    scene.clinic.identity.reachable = False
    scene.clinic.clock.pass_(seconds=6)
    refused(await scene.mensah.get(path), 503, "unavailable")


async def test_a_clinician_notes_that_the_patient_agreed(scene: Scene) -> None:
    await write(scene)
    assert (await post(scene, scene.ruiz, "agreement", number=1)).status_code == 200
    assert (await read(scene, scene.patient))["agreed_at"]


async def test_overdue_reviews_are_listed_for_who_treats(scene: Scene) -> None:
    await write(scene)
    assert (await scene.ruiz.get("/v1/plan-reviews")).json()["items"] == []
    scene.clinic.clock.pass_(days=31)
    (due,) = (await scene.ruiz.get("/v1/plan-reviews")).json()["items"]
    assert (due["episode"], due["next_review"]) == (scene.id, "2026-07-01")
    assert (await scene.mensah.get("/v1/plan-reviews")).json()["items"] == []
    await post(scene, scene.ruiz, "review", next_review="2026-08-01")
    assert (await scene.ruiz.get("/v1/plan-reviews")).json()["items"] == []
    scene.clinic.clock.pass_(days=62)
    assert len((await scene.ruiz.get("/v1/plan-reviews")).json()["items"]) == 1
    await scene.step(scene.ruiz, "discharge", {"ending": "completed"})
    assert (await scene.ruiz.get("/v1/plan-reviews")).json()["items"] == []


async def test_a_plan_follows_its_patient_into_the_account_that_is_left(scene: Scene) -> None:
    await write(scene)
    following, new = Following(scene.clinic), scene.clinic.person("patient")
    assert not await following.moved(scene.patient)
    await following.tell(scene.patient, new, times=2)
    assert await following.moved(scene.patient)
    assert (await read(scene, new))["patient"] == str(new.id)
    assert (await read(scene, number=1))["goals"][0]["words"] == "Sleep through the night"
