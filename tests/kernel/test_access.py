"""Access tokens: only what identity signed for us and for now is believed; without keys, nothing is."""

import asyncio
import base64
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import OctKey, RSAKey

from mindlyfe.kernel.access import InvalidToken, TokenVerifier, access_cookie
from mindlyfe.kernel.clock import system_clock
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.testing.tokens import Signer


class Monotonic:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Keys:
    """Several signers' keys, and a switch that makes them unreachable."""

    def __init__(self, *signers: Signer) -> None:
        self.signers, self.away, self.asked = list(signers), False, 0

    async def jwks(self) -> bytes:
        self.asked += 1
        if self.away:
            raise Unavailable
        return json.dumps({"keys": [signer.key.as_dict(private=False) for signer in self.signers]}).encode()


def verifier(keys: Any, monotonic: Monotonic | None = None, **options: Any) -> TokenVerifier:
    return TokenVerifier(
        keys, issuer="http://localhost:8080", clock=system_clock, monotonic=monotonic or Monotonic(), **options
    )


async def test_a_good_token_says_who_it_is() -> None:
    signer = Signer()
    claims = await verifier(signer).verify(signer.token("therapist", aal=2))
    assert claims.roles == {"therapist"}
    assert claims.aal == 2


WRONG: dict[str, dict[str, Any]] = {
    "expired": {"lasts_s": -6},
    "issued in the future": {"iat": int(time.time()) + 3600},
    "not yet valid": {"nbf": int(time.time()) + 3600},
    "of another issuer": {"iss": "https://elsewhere.example"},
    "for another audience": {"aud": "billing"},
    "without a person": {"sub": None},
    "without an end": {"exp": None},
    "without an audience": {"aud": None},
    "with a role nobody knows": {"roles": ["emperor"]},
    "with a tenant that is none": {"tenant": "clinic"},
    "of another type": {"headers": {"typ": "JWT"}},
    "without a type": {"headers": {"typ": None}},
    "without a key id": {"headers": {"kid": None}},
    "of an unknown key": {"headers": {"kid": "other"}},
}


@pytest.mark.parametrize("options", WRONG.values(), ids=WRONG.keys())
async def test_a_token_is_refused(options: dict[str, Any]) -> None:
    signer = Signer()
    with pytest.raises(InvalidToken):
        await verifier(signer).verify(signer.token("patient", **options))


def part(data: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


async def test_forged_tokens_are_refused() -> None:
    signer, stranger = Signer(), Signer()
    header, claims, signature = signer.token("patient").split(".")
    none = part({"alg": "none", "typ": "at+jwt", "kid": "test"})
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    hmac = jws.serialize_compact(
        {"alg": "HS256", "typ": "at+jwt", "kid": "test"},
        json.dumps(said).encode(),
        OctKey.import_key(json.dumps(signer.key.as_dict(private=False))),
    )
    rsa = jws.serialize_compact(
        {"alg": "RS256", "typ": "at+jwt", "kid": "test"}, json.dumps(said).encode(), RSAKey.generate_key(2048)
    )
    promoted = f"{header}.{part(said | {'roles': ['operator']})}.{signature}"
    numbered = f"{part({'alg': 'ES256', 'typ': 'at+jwt', 'kid': 7})}.{claims}.{signature}"
    critical = signer.token("patient", headers={"crit": ["b64"], "b64": True})
    forged = [f"{none}.{claims}.", f"{none}.{claims}.{signature}", hmac, rsa, promoted, numbered, critical]
    forged += [
        stranger.token("operator"),
        f"{header}.{claims}.",
        f"{header}.{claims}.AAAA",
        "a.b.c",
        "",
        "..",
        "x" * 9000,
    ]
    checking = verifier(signer)
    for token in forged:
        with pytest.raises(InvalidToken):
            await checking.verify(token)


async def test_a_verified_token_ends_when_it_ends() -> None:
    signer, now = Signer(), [datetime.now(UTC)]
    checking = TokenVerifier(signer, issuer=signer.issuer, clock=lambda: now[0])
    token = signer.token("patient", lasts_s=60)
    await checking.verify(token)
    now[0] += timedelta(seconds=66)
    with pytest.raises(InvalidToken):
        await checking.verify(token)


async def test_keys_are_asked_for_once_and_a_new_key_is_found_at_once() -> None:
    old, new, clock = Signer(kid="old"), Signer(kid="new"), Monotonic()
    keys = Keys(old)
    checking = verifier(keys, clock)
    for _ in range(5):
        await checking.verify(old.token("patient"))
    assert keys.asked == 1
    keys.signers.append(new)
    clock.now += 2
    await asyncio.gather(*(checking.verify(new.token("patient")) for _ in range(20)))
    assert keys.asked == 2


async def test_unknown_key_ids_ask_at_most_once_a_second() -> None:
    signer, clock = Signer(), Monotonic()
    keys = Keys(signer)
    checking = verifier(keys, clock)
    await checking.verify(signer.token("patient"))
    for _ in range(50):
        with pytest.raises(InvalidToken):
            await checking.verify(signer.token("patient", headers={"kid": "flood"}))
    assert keys.asked == 1
    clock.now += 1.1
    with pytest.raises(InvalidToken):
        await checking.verify(signer.token("patient", headers={"kid": "flood"}))
    assert keys.asked == 2


async def test_a_withdrawn_key_stops_working_for_tokens_seen_before() -> None:
    old, new, clock = Signer(kid="old"), Signer(kid="new"), Monotonic()
    keys = Keys(old)
    checking = verifier(keys, clock)
    token = old.token("patient")
    await checking.verify(token)
    keys.signers = [new]
    clock.now += 31
    await checking.verify(token)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    with pytest.raises(InvalidToken):
        await checking.verify(token)


async def test_without_keys_nobody_enters_and_with_old_keys_for_ten_minutes() -> None:
    signer, clock = Signer(), Monotonic()
    keys = Keys(signer)
    keys.away = True
    checking = verifier(keys, clock)
    with pytest.raises(Unavailable):
        await checking.verify(signer.token("patient"))
    keys.away = False
    clock.now += 2
    await checking.verify(signer.token("patient"))
    keys.away = True
    clock.now += 500
    await checking.verify(signer.token("patient"))
    clock.now += 200
    with pytest.raises(Unavailable):
        await checking.verify(signer.token("patient"))


async def test_a_mistake_of_the_answerer_is_no_more_than_silence() -> None:
    class Broken:
        async def jwks(self) -> bytes:
            raise ValueError("mistake")

    with pytest.raises(Unavailable):
        await verifier(Broken()).verify(Signer().token("patient"))


async def test_few_verified_tokens_are_remembered() -> None:
    signer = Signer()
    checking = verifier(signer, capacity=3)
    for _ in range(10):
        await checking.verify(signer.token("patient"))
    assert len(checking._verified) == 3


def test_the_cookie_names_the_instance_and_is_bound_to_the_host() -> None:
    assert access_cookie("two", secure=False) == "mindlyfe_two_access"
    assert access_cookie("two", secure=True) == "__Host-mindlyfe_two_access"
