"""What an attacker tries: races with what ends sessions, made-up cursors, accounts in odd states."""

import base64
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.identity.conftest import House, assembled
from tests.identity.openid_app import error as told
from tests.identity.openid_app import registered, strong
from tests.identity.test_passkeys import add, sign_in
from tests.identity.test_recovery import asked

from mindlyfe.identity.adapters.argon2 import Argon2
from mindlyfe.identity.adapters.sessions import SessionList
from mindlyfe.identity.adapters.streams import identity_streams
from mindlyfe.identity.application.openings import Openings
from mindlyfe.identity.contract import Organisations, Recipients, SignedIn
from mindlyfe.identity.domain.account import Locked, lock
from mindlyfe.kernel.messages import REGION, Act, PersonId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.authenticators import Device
from mindlyfe.kernel.testing.principals import act
from mindlyfe.kernel.trail import AuditTrail, Trail

NEW = "quite-another-lagoon"
CHANGE = {"current_password": "umbrella-tortoise-lagoon", "new_password": NEW}
LISTS = (
    "/v1/members",
    "/v1/invitations",
    "/v1/care-relationships",
    "/v1/supervisions",
    "/v1/break-glass/reviews",
    "/v1/audit",
    "/v1/me/access-log",
)
KEYS: tuple[Any, ...] = (
    ("2026-06-01T00:00:00+00:00", "no id"),
    ("2026-06-01T00:00:00", "00000000-0000-0000-0000-000000000000"),
    ("0001-01-01T00:00:00+14:00", "00000000-0000-0000-0000-000000000000"),
    ("9999-12-31T23:59:59-14:00", "00000000-0000-0000-0000-000000000000"),
    ({"identity": 2**63},),
    ({"identity": -(2**63)},),
    ({"identity": 10**40},),
    ({"\0": 1, "nowhere": 2},),
    (),
)


def while_compared(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], Awaitable[Any]]) -> None:
    """The next password that is compared takes so long that `meanwhile` is done before it is answered."""
    original = Argon2.matches

    async def slow(self: Argon2, hashed: str | None, password: str) -> bool:
        monkeypatch.setattr(Argon2, "matches", original)
        found = await original(self, hashed, password)
        await meanwhile()
        return found

    monkeypatch.setattr(Argon2, "matches", slow)


async def test_asvs_7_4_3_a_sign_in_with_the_old_password_does_not_outlive_its_change(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guesser was being let in while the owner changed the password, which ends all sessions but one."""
    clinic = await house.clinic()
    pat = await clinic.patient()
    guesser = house.visitor()
    guesser.email = pat.email
    while_compared(monkeypatch, lambda: pat.put("/v1/me/password", CHANGE))
    refused(await guesser.first_step(), 401, "sign-in-failed")
    assert [one["current"] for one in (await pat.get("/v1/me/sessions")).json()["items"]] == [True]
    assert (await guesser.first_step(NEW)).status_code == 201


def before_opening(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], Awaitable[Any]]) -> None:
    """The next session is opened so late that `meanwhile` is done before it is there."""
    original = Openings.open

    async def late(self: Openings, given: Act, **named: Any) -> SignedIn:
        monkeypatch.setattr(Openings, "open", original)
        await meanwhile()
        return await original(self, given, **named)

    monkeypatch.setattr(Openings, "open", late)


async def test_asvs_7_4_3_a_sign_in_by_passkey_does_not_slip_past_a_change_of_password(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pat, device = await (await house.clinic()).patient(), Device()
    await add(pat, device)
    before_opening(monkeypatch, lambda: pat.put("/v1/me/password", CHANGE))
    refused(await sign_in(house.visitor(), device), 401, "challenge-ended")
    assert [one["current"] for one in (await pat.get("/v1/me/sessions")).json()["items"]] == [True]
    assert (await sign_in(house.visitor(), device)).status_code == 201


async def test_asvs_7_4_3_a_code_is_worth_nothing_once_the_session_that_approved_it_is_over(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ended before the app shows the code, or while the app's own session is being opened."""
    clinic = await house.clinic()
    diary, pat, thief = await registered(house, await strong(clinic)), await clinic.patient(), house.visitor()
    thief.email = pat.email
    thief.take(await thief.first_step())
    early, late = await diary.code(thief), await diary.code(thief)
    before_opening(monkeypatch, lambda: pat.put("/v1/me/password", CHANGE))
    told(await diary.token(late), 400, "invalid_grant")
    told(await diary.token(early), 400, "invalid_grant")
    assert [one["current"] for one in (await pat.get("/v1/me/sessions")).json()["items"]] == [True]
    assert (await diary.token(await diary.code(pat))).status_code == 200


async def test_asvs_7_4_3_a_code_exchanged_while_sessions_are_ended_opens_none_that_stays(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sessions to end are listed, the app's own is not among them yet, and the one that approved it still runs."""
    clinic = await house.clinic()
    diary, pat, thief = await registered(house, await strong(clinic)), await clinic.patient(), house.visitor()
    thief.email = pat.email
    thief.take(await thief.first_step())
    code, original, tokens = await diary.code(thief), SessionList.open, dict[str, str]()

    async def slow(self: SessionList, person: PersonId) -> Any:
        monkeypatch.setattr(SessionList, "open", original)
        listed = await original(self, person)
        tokens.update((await diary.token(code)).json())
        return listed

    monkeypatch.setattr(SessionList, "open", slow)
    assert (await pat.put("/v1/me/password", CHANGE)).status_code == 204
    assert await diary.worth(tokens["access_token"]) == {"active": False}


async def test_asvs_7_4_2_a_sign_in_does_not_slip_past_a_lock(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The account is locked after we looked, and before the session is there."""
    clinic = await house.clinic()
    pat = await clinic.patient()
    streams, original = identity_streams(house.platform.database, house.platform.keys), Openings.open
    locked = Locked(by=PersonId(UUID(clinic.admin.id)), reason="stolen", at=house.clock())

    async def late(self: Openings, given: Act, **named: Any) -> SignedIn:
        await streams.accounts.decide(act(REGION), UUID(pat.id), lambda state: lock(state, locked))
        return await original(self, given, **named)

    monkeypatch.setattr(Openings, "open", late)
    refused(await pat.first_step(), 401, "sign-in-failed")
    running = [one.id for one in await SessionList(house.platform.database).open(PersonId(UUID(pat.id)))]
    assert running == [pat.claims().sid]


async def test_a_lost_password_of_who_left_every_clinic_is_renewed(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient()
    assert (await pat.delete("/v1/me/membership")).status_code == 204
    code = await asked(house, pat.email)
    who = PersonId(UUID(pat.id))
    contact = await house.module.answers[Recipients].contact(tenant=REGION, person=who)
    clinics = house.module.answers[Organisations]
    assert (contact.email, (await clinics.home(person=who)).name) == (pat.email, "Harbour")
    answer = await house.visitor().post("/v1/recoveries/completion", {"code": code, "password": NEW})
    assert answer.status_code == 200, answer.text


async def test_asvs_6_3_1_mail_that_others_ask_for_uses_up_no_recovery(house: Any) -> None:
    """Five registrations an hour by somebody else's address left its owner without a way back in."""
    clinic = await house.clinic()
    pat = await clinic.patient()
    for _ in range(6):
        await house.visitor().post("/v1/registrations", await clinic.wish(pat.email))
    code = await asked(house, pat.email)
    answer = await house.visitor().post("/v1/recoveries/completion", {"code": code, "password": NEW})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("path", LISTS)
async def test_asvs_2_2_1_a_made_up_cursor_is_refused_or_harmless(database: Database, path: str) -> None:
    house: House = assembled(database)
    house.platform.asks.bind({AuditTrail: Trail(database)}, context="identity")
    clinic = await house.clinic()
    admin = await clinic.staff("clinic-admin", "privacy-officer")
    await admin.strengthen()
    for key in KEYS:
        word = base64.urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()
        answer = await admin.get(path, cursor=word)
        assert answer.status_code in {200, 400}, (key, answer.text)
