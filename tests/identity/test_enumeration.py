"""Nobody learns from us who has an account: same status, words and headers; same hashing, queries and counters."""

from collections import Counter
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from mindlyfe.identity.adapters.argon2 import Argon2
from mindlyfe.identity.contract import RegistrationStartedV1
from mindlyfe.kernel.testing.stand_ins import MemoryCache

KNOWN, UNKNOWN = "pat@mail.example", "nobody@mail.example"


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What was done since it was cleared: passwords hashed and compared, statements sent, counters touched."""
    done: Counter[str] = Counter()

    def counted(owner: Any, name: str) -> None:
        original = getattr(owner, name)

        async def noted(self: Any, *given: Any, **named: Any) -> Any:
            query = str(given[0]).split(maxsplit=1)[0].lower() if owner is psycopg.AsyncCursor else ""
            done[f"{owner.__name__}.{name} {query}".strip()] += 1
            return await original(self, *given, **named)

        monkeypatch.setattr(owner, name, noted)

    for owner, name in (
        (Argon2, "hashed"),
        (Argon2, "matches"),
        (psycopg.AsyncCursor, "execute"),
        (MemoryCache, "get"),
        (MemoryCache, "count"),
    ):
        counted(owner, name)
    return done


async def alike(house: Any, work: Counter[str], path: str, known: Any, unknown: Any) -> Counter[str]:
    """Both get the same answer for the same work, which is returned."""
    answers, works = [], []
    for wish in (known, unknown):
        visitor = house.visitor()
        work.clear()
        answers.append(await visitor.post(path, wish))
        works.append(Counter(work))
    first, second = answers
    assert (first.status_code, first.content) == (second.status_code, second.content)
    names = [{name for name in answer.headers if name != "traceparent"} for answer in answers]
    assert names[0] == names[1]
    assert works[0] == works[1]
    return works[0]


async def test_asvs_6_3_8_no_enumeration_in_recovery(house: Any, work: Counter[str]) -> None:
    clinic = await house.clinic()
    await clinic.patient(KNOWN)
    done = await alike(house, work, "/v1/recoveries", {"email": KNOWN}, {"email": UNKNOWN})
    assert done["AsyncCursor.execute insert"] >= 1, done
    assert done["MemoryCache.count"] == 2
    # also the second time, when there is a request already
    await alike(house, work, "/v1/recoveries", {"email": KNOWN}, {"email": UNKNOWN})


async def test_asvs_6_3_8_no_enumeration_in_recovery_when_a_mailbox_is_full(house: Any, work: Counter[str]) -> None:
    clinic = await house.clinic()
    await clinic.patient(KNOWN)
    for email in (KNOWN, UNKNOWN):
        for _ in range(6):
            await house.visitor().post("/v1/recoveries", {"email": email})
    await alike(house, work, "/v1/recoveries", {"email": KNOWN}, {"email": UNKNOWN})


async def test_asvs_6_3_8_no_enumeration_in_registration(house: Any, work: Counter[str]) -> None:
    clinic = await house.clinic()
    await clinic.patient(KNOWN)
    wish = await clinic.wish(KNOWN)
    done = await alike(house, work, "/v1/registrations", wish, wish | {"email": UNKNOWN})
    assert done["Argon2.hashed"] == 1


async def test_asvs_6_3_8_no_enumeration_in_a_change_of_address(house: Any, work: Counter[str]) -> None:
    clinic = await house.clinic()
    await clinic.patient(KNOWN)
    tim = await clinic.patient("tim@mail.example")
    house.visitor = lambda: tim
    await tim.post("/v1/me/address-change", {"email": "first@mail.example"})
    await alike(house, work, "/v1/me/address-change", {"email": KNOWN}, {"email": UNKNOWN})


async def test_asvs_6_3_8_no_enumeration_in_a_verification(house: Any, work: Counter[str]) -> None:
    """A code that is none, a code of nobody, and a wrong password: the same words after the same hashing."""
    clinic = await house.clinic()
    await house.visitor().post("/v1/registrations", await clinic.wish(UNKNOWN))
    real = await house.mailed_code(RegistrationStartedV1)
    nobody = house.setups.links.code("verification", clinic.tenant, uuid4(), None)
    answers = []
    for code in (real, nobody, real[:-2] + "AA", await clinic.link(), "x"):
        work.clear()
        answer = await house.visitor().post("/v1/verifications", {"code": code, "password": "wrong-long-password"})
        answers.append((answer.status_code, answer.json() | {"correlation": ""}, work["Argon2.matches"]))
    assert answers == [answers[0]] * len(answers)
    assert (answers[0][0], answers[0][2]) == (400, 1)
