"""Consents over HTTP: texts, giving and withdrawing, records by staff, proofs, what others hear, and every refusal."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from mindlyfe.identity.contract.consents import ConsentAnswer, ConsentChangedV1, Consents, Recipient
from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.stack.postgresql import Postgresql

RECORDING = {"purpose": "recording", "language": "en", "text": "I agree that sessions are recorded."}
WEARABLES = {"purpose": "wearables", "language": "en", "text": "I agree that my watch is read."}
GUARDIAN = {"name": "Emi", "phone": "+81312345678"}
PROFILE = {"name": "Pat", "zone": "Europe/London", "locale": "en"}


class Scene:
    """A clinic with a text, a patient, a therapist who treats them, and the front desk."""

    def __init__(self, house: Any) -> None:
        self.house = house

    async def set(self) -> "Scene":
        self.clinic = await self.house.clinic()
        self.text = await self.publish(RECORDING)
        self.pat = await self.clinic.patient()
        self.therapist = await (await self.clinic.staff("therapist")).strengthen()
        self.desk = await (await self.clinic.staff("reception")).strengthen()
        pair = {"patient": self.pat.id, "clinician": self.therapist.id}
        await self.clinic.admin.put(f"/v1/care-relationships/{uuid4()}", pair)
        self.path = f"/v1/patients/{self.pat.id}/consents"
        return self

    async def publish(self, wish: dict[str, str]) -> dict[str, Any]:
        answer = await self.clinic.admin.post("/v1/consent-texts", wish)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def given(self, purpose: Any = "recording", recipient: Recipient | None = None) -> ConsentAnswer:
        asked: Consents = self.house.module.answers[Consents]
        person = PersonId(UUID(self.pat.id))
        return await asked.given(tenant=self.clinic.tenant, person=person, purpose=purpose, recipient=recipient)


@pytest.fixture
def owner(postgresql: Postgresql, migrated: DatabaseSettings) -> Callable[[LiteralString], None]:
    """Does what only somebody with the superuser's password can."""

    def edited(statement: LiteralString) -> None:
        with psycopg.connect(make_conninfo(postgresql.address(), dbname=migrated.name)) as connection:
            connection.execute(statement)

    return edited


@pytest.fixture
async def scene(house: Any) -> Scene:
    return await Scene(house).set()


async def test_texts_are_published_in_versions_that_stay(scene: Scene) -> None:
    second = await scene.publish(RECORDING | {"text": "I agree, too."})
    assert (scene.text["version"], second["version"]) == (1, 2)
    assert await scene.publish(RECORDING | {"text": "I agree, too."}) == second
    await scene.publish(RECORDING | {"language": "ne"})
    shown = (await scene.pat.get("/v1/consent-texts")).json()["items"]
    assert [(one["language"], one["version"]) for one in shown] == [("en", 2), ("ne", 1)]
    assert (await scene.pat.get(f"/v1/consent-texts/{scene.text['id']}")).json() == scene.text
    refused(await scene.pat.get(f"/v1/consent-texts/{uuid4()}"), 404, "not-found")
    refused(await scene.clinic.admin.post("/v1/consent-texts", RECORDING | {"language": "xx"}), 422, "unknown-language")
    refused(await scene.clinic.admin.post("/v1/consent-texts", RECORDING | {"text": " "}), 400, "malformed")
    other = RECORDING | {"text": "Other."}
    assert (await scene.clinic.admin.post("/v1/consent-texts", other, idempotency_key="t")).status_code == 201
    twice = await scene.clinic.admin.post("/v1/consent-texts", RECORDING, idempotency_key="t")
    refused(twice, 422, "idempotency-key-reused")


async def test_a_consent_is_given_withdrawn_and_given_again(scene: Scene) -> None:
    give, house = {"text": scene.text["id"]}, scene.house
    assert await scene.given() == ConsentAnswer(False)
    assert (await scene.pat.post("/v1/me/consents", give)).json() == {"person": scene.pat.id, "version": 1}
    assert await scene.given() == ConsentAnswer(True, 1, house.clock.now)
    assert not (await scene.given("transcription")).given
    assert not (await scene.given(recipient=Recipient(kind="app", id="watch"))).given
    withdrawn = await scene.pat.post("/v1/me/consents/withdrawal", {"purpose": "recording", "reason": "Enough."})
    assert withdrawn.json()["version"] == 2
    assert not (await scene.given()).given
    [standing] = (await scene.pat.get("/v1/me/consents")).json()["items"]
    assert (standing["standing"], standing["version"]) == ("withdrawn", 1)
    await scene.pat.post("/v1/me/consents", give)
    assert (await scene.given()).given
    history = (await scene.pat.get("/v1/me/consents/history")).json()
    assert [one["given"] for one in history["items"]] == [True, False, True]
    assert [one["reason"] for one in history["items"]] == ["", "Enough.", ""]
    told = [event for _, event in await house.published() if isinstance(event, ConsentChangedV1)]
    assert [(str(event.person), event.given, event.keeps_clinical_basis) for event in told] == [
        (scene.pat.id, True, False),
        (scene.pat.id, False, False),
        (scene.pat.id, True, False),
    ]


async def test_withdrawing_wearables_keeps_the_basis_of_clinical_decisions(scene: Scene) -> None:
    text = await scene.publish(WEARABLES)
    await scene.pat.post("/v1/me/consents", {"text": text["id"]})
    await scene.pat.post("/v1/me/consents/withdrawal", {"purpose": "wearables"})
    _, event = await scene.house.newest(ConsentChangedV1)
    assert (event.given, event.keeps_clinical_basis) == (False, True)


async def test_a_consent_with_an_end_ends(scene: Scene) -> None:
    until = scene.house.clock.now + timedelta(minutes=5)
    recipient = {"kind": "study", "id": "s-1"}
    wish = {"text": scene.text["id"], "recipient": recipient, "expires_at": until.isoformat()}
    assert (await scene.pat.post("/v1/me/consents", wish)).status_code == 200
    study = Recipient(kind="study", id="s-1")
    assert (await scene.given(recipient=study)).given
    scene.house.clock.pass_(minutes=5)
    assert not (await scene.given(recipient=study)).given
    assert (await scene.pat.get("/v1/me/consents")).json()["items"][0]["standing"] == "expired"


async def test_what_is_no_consent_is_refused(scene: Scene) -> None:
    give, take = "/v1/me/consents", "/v1/me/consents/withdrawal"
    text, past = scene.text["id"], (scene.house.clock.now - timedelta(days=1)).isoformat()
    refused(await scene.pat.post(give, {"text": str(uuid4())}), 422, "unknown-text")
    refused(await scene.pat.post(give, {"text": text, "recipient": {"kind": "app"}}), 422, "recipient-unclear")
    refused(await scene.pat.post(give, {"text": text, "expires_at": past}), 422, "expiry-past")
    refused(await scene.pat.post(take, {"purpose": "recording"}), 409, "consent-not-given")
    wrong = {"purpose": "recording", "recipient": {"kind": "clinic", "id": "x"}}
    refused(await scene.pat.post(take, wrong), 422, "recipient-unclear")
    assert (await scene.pat.post(give, {"text": text}, idempotency_key="c")).status_code == 200
    other = {"text": text, "recipient": {"kind": "app", "id": "a"}}
    refused(await scene.pat.post(give, other, idempotency_key="c"), 422, "idempotency-key-reused")
    assert (await scene.pat.post(take, {"purpose": "recording"}, idempotency_key="w")).status_code == 200
    refused(await scene.pat.post(take, {"purpose": "research"}, idempotency_key="w"), 422, "idempotency-key-reused")
    await scene.publish(RECORDING | {"text": "Newer."})
    refused(await scene.pat.post(give, {"text": text}), 409, "text-superseded")
    assert not (await scene.given()).given


async def test_staff_records_a_guardian_and_paper_with_a_witness(scene: Scene) -> None:
    paper = {"text": scene.text["id"], "how": "paper"}
    guardian = {"text": scene.text["id"], "how": "guardian"}
    await scene.publish(RECORDING | {"text": "Newer."})  # on paper, people sign what was printed before
    refused(await scene.desk.post(scene.path, paper), 422, "witness-needed")
    refused(await scene.desk.post(scene.path, guardian), 422, "no-guardian")
    refused(await scene.desk.post(scene.path, paper | {"text": str(uuid4())}), 422, "unknown-text")
    refused(await scene.desk.post(scene.path, paper | {"recipient": {"kind": "app"}}), 422, "recipient-unclear")
    past = {"witness": "Tom", "expires_at": "2020-01-01T00:00:00Z"}
    refused(await scene.desk.post(scene.path, paper | past), 422, "expiry-past")
    key = {"idempotency_key": "p"}
    assert (await scene.desk.post(scene.path, paper | {"witness": "Tom"}, **key)).status_code == 200
    refused(await scene.desk.post(scene.path, guardian, **key), 422, "idempotency-key-reused")
    await scene.clinic.admin.put(f"/v1/patients/{scene.pat.id}/profile", PROFILE | {"guardian": GUARDIAN})
    assert (await scene.therapist.post(scene.path, guardian)).status_code == 200
    take = f"{scene.path}/withdrawal"
    assert (await scene.desk.post(take, {"purpose": "recording"}, idempotency_key="t")).status_code == 200
    refused(await scene.desk.post(take, {"purpose": "research"}, idempotency_key="t"), 422, "idempotency-key-reused")
    refused(await scene.desk.post(take, {"purpose": "recording"}), 409, "consent-not-given")
    wrong = {"purpose": "recording", "recipient": {"kind": "study"}}
    refused(await scene.desk.post(take, wrong), 422, "recipient-unclear")
    lines = (await scene.therapist.get(f"{scene.path}/history")).json()["items"]
    assert [(one["how"], one["by"], one["given"]) for one in lines] == [
        ("paper", scene.desk.id, True),
        ("guardian", scene.therapist.id, True),
        ("paper", scene.desk.id, False),
    ]
    looks = [row for row in scene.house.audit.rows if row.action == "consents.read"]
    assert [(str(row.actor), str(row.subject)) for row in looks] == [(scene.therapist.id, scene.pat.id)]


async def test_a_proof_says_word_for_word_what_was_agreed_to_and_is_recognised(scene: Scene) -> None:
    await scene.pat.post("/v1/me/consents", {"text": scene.text["id"]})
    [line] = (await scene.pat.get("/v1/me/consents/history")).json()["items"]
    mine = (await scene.pat.get(f"/v1/me/consents/{line['id']}/proof")).json()
    proof = mine["proof"]
    assert (proof["wording"], proof["text_hash"]) == (RECORDING["text"], scene.text["hash"])
    assert (proof["by"], proof["how"], proof["aal"]) == (scene.pat.id, "self", 1)
    check = "/v1/consent-proofs/check"
    assert (await scene.desk.post(check, {"proof": mine["signed"]})).json() == proof
    head, payload, signature = mine["signed"].split(".")
    for forged in (
        f"{head}.{payload[:-4]}AAAA.{signature}",
        f"{head}.{payload}.{signature[:-4]}AAAA",
        mine["signed"] + "x",
        scene.pat.headers["authorization"].removeprefix("Bearer "),
        "x",
    ):
        refused(await scene.desk.post(check, {"proof": forged}), 422, "proof-invalid")
    meadow = await scene.house.clinic("Meadow")
    refused(await meadow.admin.post(check, {"proof": mine["signed"]}), 422, "proof-invalid")
    refused(await scene.pat.get(f"/v1/me/consents/{uuid4()}/proof"), 404, "not-found")
    await scene.pat.post("/v1/me/consents/withdrawal", {"purpose": "recording"})
    later = (await scene.therapist.get(f"{scene.path}/{line['id']}/proof")).json()["proof"]
    assert later["withdrawn_at"] is not None
    refused(await scene.therapist.get(f"{scene.path}/{uuid4()}/proof"), 404, "not-found")


async def test_a_text_changed_behind_our_back_proves_nothing(scene: Scene, owner: Any) -> None:
    await scene.pat.post("/v1/me/consents", {"text": scene.text["id"]})
    [line] = (await scene.pat.get("/v1/me/consents/history")).json()["items"]
    owner("update identity.consent_text set wording = 'I agree to everything.'")
    refused(await scene.pat.get(f"/v1/me/consents/{line['id']}/proof"), 422, "proof-invalid")
    refused(await scene.therapist.get(f"{scene.path}/{line['id']}/proof"), 422, "proof-invalid")


async def test_only_who_may_see_a_patient_sees_their_consents(scene: Scene) -> None:
    weak, stranger = (
        await scene.clinic.staff("reception", email="w@x.example", strong=False),
        await scene.house.clinic("Meadow"),
    )
    other = await (await scene.clinic.staff("supervisor")).strengthen()
    await stranger.admin.strengthen()
    record = {"text": scene.text["id"], "how": "paper", "witness": "Tom"}
    for method, path, body in (
        ("GET", scene.path, None),
        ("GET", f"{scene.path}/history", None),
        ("GET", f"{scene.path}/{uuid4()}/proof", None),
        ("POST", scene.path, record),
        ("POST", f"{scene.path}/withdrawal", {"purpose": "recording"}),
    ):
        for nobody in (other, stranger.admin):
            answer = await nobody.http.request(method, path, json=body, headers=nobody.headers)
            refused(answer, 404, "not-found")
        answer = await weak.http.request(method, path, json=body, headers=weak.headers)
        refused(answer, 403, "assurance-too-low")


async def test_nobody_unknown_or_erased_permits_anything(scene: Scene) -> None:
    await scene.pat.post("/v1/me/consents", {"text": scene.text["id"]})
    asked: Consents = scene.house.module.answers[Consents]
    person = PersonId(UUID(scene.pat.id))
    for tenant, somebody in ((TenantId(uuid4()), person), (scene.clinic.tenant, PersonId(uuid4()))):
        assert not (await asked.given(tenant=tenant, person=somebody, purpose="recording")).given
    await scene.house.platform.keys.erase(scene.clinic.tenant, person)
    assert not (await scene.given()).given
    refused(await scene.desk.get(scene.path), 404, "not-found")
