"""Sign-ins good and failed are on record; the person sees them, and nobody learns from them who has an account."""

from collections import Counter
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.identity.conftest import House, assembled

from mindlyfe.identity.adapters.attempts import HERE
from mindlyfe.kernel.audit import Audit
from mindlyfe.kernel.messages import ANONYMOUS, REGION
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.trail import AuditTrail, Trail

LINES = "select actor, subject, action, object, outcome, detail::text from audit order by position"
UNPROVED = "Somebody who did not prove to be you"


@pytest.fixture
def watched(database: Database) -> House:
    """Identity, whose audit can be asked for."""
    house = assembled(database)
    house.platform.asks.bind({AuditTrail: Trail(database)}, context="identity")
    return house


async def region(house: Any) -> list[Any]:
    """The audit of accounts."""
    async with house.platform.database.app(REGION) as tx:
        return list(await (await tx.execute(LINES)).fetchall())


async def account(person: Any) -> list[tuple[str, str, bool]]:
    """What the person's access log says of their account, oldest first."""
    items = (await person.get("/v1/me/access-log", limit=100)).json()["items"]
    return [(one["who"], one["what"], one["refused"]) for one in reversed(items) if one["context"] == "account"]


async def test_asvs_16_3_1_sign_ins_good_and_failed_are_on_record(watched: Any) -> None:
    clinic = await watched.clinic()
    pat = await clinic.patient()
    refused(await pat.first_step("wrong-wrong-wrong"), 401, "sign-in-failed")
    stranger = watched.visitor()
    stranger.email = "nobody@mail.example"
    refused(await stranger.first_step(), 401, "sign-in-failed")
    lines = await region(watched)
    tried = [(actor, subject, outcome) for actor, subject, action, _, outcome, _ in lines if action == "sign-in.tried"]
    failed = "sign-in-failed"
    assert tried == [(ANONYMOUS, UUID(pat.id), failed), (ANONYMOUS, None, failed)]
    assert (UUID(pat.id), UUID(pat.id), "done") in [
        (actor, subject, outcome) for actor, subject, action, _, outcome, _ in lines if action == "session.opened.v1"
    ]
    unknown = next(thing for _, subject, action, thing, _, _ in lines if action == "sign-in.tried" and not subject)
    assert unknown.startswith("address/")
    assert "mail.example" not in str(lines)
    assert "wrong-wrong" not in str(lines)


async def test_asvs_16_3_1_the_same_unknown_address_has_the_same_digest(watched: Any) -> None:
    stranger = watched.visitor()
    for stranger.email in ("nobody@mail.example", "Nobody@MAIL.example", "other@mail.example"):
        await stranger.first_step()
    first, again, other = [thing for _, _, _, thing, _, _ in await region(watched)]
    assert first == again != other


async def test_asvs_16_3_1_a_pause_is_on_record(watched: Any) -> None:
    clinic = await watched.clinic()
    pat, stranger = await clinic.patient(), watched.visitor()
    stranger.email = "nobody@mail.example"
    for person in (pat, stranger):
        for _ in range(HERE + 1):
            refused(await person.first_step("wrong-wrong-wrong"), 401, "sign-in-failed")
        refused(await person.first_step(), 429, "too-many-requests")
    paused = [subject for _, subject, action, _, _, _ in await region(watched) if action == "sign-in.paused"]
    assert paused == [UUID(pat.id), None]


async def test_asvs_16_3_1_refused_second_factors_are_on_record(watched: Any) -> None:
    clinic = await watched.clinic()
    pat = await clinic.patient()
    await pat.enrol()
    challenge = (await pat.first_step()).json()["challenge"]
    refused(await pat.second_step(challenge, "000000"), 401, "second-factor-failed")
    watched.clock.pass_(minutes=6)
    refused(await pat.second_step(challenge), 401, "challenge-ended")
    lines = [(action, outcome) for _, subject, action, _, outcome, _ in await region(watched) if subject]
    assert [line for line in lines if line[0].startswith(("sign-in", "factors.proof"))] == [
        ("sign-in.first-step", "done"),
        ("factors.proof-rejected.v1", "done"),
        ("sign-in.second-step", "challenge-ended"),
    ]


async def test_asvs_16_3_1_a_wrong_password_within_a_session_is_on_record(watched: Any) -> None:
    clinic = await watched.clinic()
    pat = await clinic.patient()
    refused(await pat.prove("password", password="wrong-wrong-wrong"), 403, "proof-failed")
    wish = {"current_password": "wrong-wrong-wrong", "new_password": "quite-another-lagoon"}
    refused(await pat.put("/v1/me/password", wish), 403, "wrong-password")
    tried = [
        (actor, subject, outcome)
        for actor, subject, action, _, outcome, _ in await region(watched)
        if action == "sign-in.tried"
    ]
    me = UUID(pat.id)
    assert tried == [(me, me, "proof-failed"), (me, me, "wrong-password")]


async def test_asvs_16_3_2_each_refused_request_is_on_record(watched: Any) -> None:
    """A read of clinical data or not: who may not do it, and who may not see it."""
    clinic = await watched.clinic()
    pat, other = await clinic.patient(), await clinic.patient("other@mail.example")
    watched.audit.rows.clear()
    refused(await pat.post("/v1/registration-links"), 403, "forbidden")
    refused(await pat.get(f"/v1/me/exports/{other.id}"), 404, "not-found")
    noted = [(row.actor, row.action, row.outcome) for row in watched.audit.rows]
    me = UUID(pat.id)
    assert noted == [(me, "registration-links:manage", "forbidden"), (me, "me:export", "not-found")]


async def test_asvs_16_3_1_a_person_sees_what_happened_to_their_account(watched: Any) -> None:
    clinic = await watched.clinic()
    pat, other = await clinic.patient(), await clinic.patient("other@mail.example")
    await pat.first_step("wrong-wrong-wrong")
    await pat.enrol()
    await pat.renew()
    challenge = (await pat.first_step()).json()["challenge"]
    await pat.second_step(challenge, "000000")
    wish = {"current_password": "umbrella-tortoise-lagoon", "new_password": "quite-another-lagoon"}
    assert (await pat.put("/v1/me/password", wish)).status_code == 204
    told = await account(pat)
    for line in (
        ("You", "signed in", False),
        (UNPROVED, "gave a wrong password", True),
        ("You", "added an authenticator app", False),
        (UNPROVED, "gave the right password; a second factor was asked for", False),
        (UNPROVED, "gave a wrong second factor", True),
        ("You", "changed the password", False),
    ):
        assert line in told
    assert not [what for _, what, _ in told if "refreshed" in what]
    assert (UNPROVED, "gave a wrong password", True) not in await account(other)


async def test_the_log_of_an_account_is_paged_with_the_rest(watched: Any) -> None:
    clinic = await watched.clinic()
    pat = await clinic.patient()
    for country in ("GB", "FR", "DE"):
        await pat.put("/v1/me/whereabouts", {"country": country})
        await pat.sign_in()
    whole = (await pat.get("/v1/me/access-log", limit=100)).json()["items"]
    found: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await pat.get("/v1/me/access-log", limit=2, **cursor)).json()
        found += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert found == whole


async def test_a_broken_glass_is_marked_in_the_access_log_once_the_patient_is_told(watched: Any) -> None:
    clinic = await watched.clinic()
    therapist = await (await clinic.staff("therapist")).strengthen()
    pat = await clinic.patient()
    wish = {"patient": pat.id, "reason": "Nobody who treats her can be reached tonight."}
    glass = (await therapist.post("/v1/break-glass", wish)).json()["id"]
    officer = await clinic.staff("privacy-officer")
    verdict = {"outcome": "justified", "words": "Rightly so.", "notice": "send"}
    assert (await officer.post(f"/v1/break-glass/{glass}/review", verdict)).status_code == 200
    await Audit(watched.platform.database).read(watched.audit.rows)
    items = (await pat.get("/v1/me/access-log", limit=100)).json()["items"]
    marked = [(one["who"], one["what"]) for one in items if one["break_glass"]]
    assert marked == [
        ("Sam privacy-officer", "reviewed an emergency access"),
        ("Sam therapist", "opened the record by emergency access"),
    ]


async def test_asvs_6_3_8_no_enumeration_in_sign_in(watched: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many statements, and as many durable lines, for an address with an account as for one without."""
    clinic = await watched.clinic()
    await clinic.patient("pat@mail.example")
    work: Counter[str] = Counter()
    original = psycopg.AsyncCursor.execute

    async def noted(self: Any, query: Any, *given: Any, **named: Any) -> Any:
        work[str(query).split(maxsplit=1)[0].lower()] += 1
        return await original(self, query, *given, **named)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", noted)
    for tries in range(HERE + 3):
        works, answers = [], []
        for email in ("pat@mail.example", "nobody@mail.example"):
            visitor = watched.visitor()
            visitor.email = email
            work.clear()
            answer = await visitor.first_step("wrong-wrong-wrong")
            said = answer.json() | {"correlation": ""}
            answers.append((answer.status_code, said, answer.headers.keys()))
            works.append(dict(work))
        assert answers[0] == answers[1]
        assert works[0] == works[1]
        assert works[0].get("insert", 0) == (1 if tries <= HERE else 0)
