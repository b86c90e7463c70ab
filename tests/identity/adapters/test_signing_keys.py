"""Keys that sign tokens: published before they sign and after, the same for all processes."""

import asyncio
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from mindlyfe.identity.adapters.signing_keys import AHEAD, PERIOD, SigningKeyRing
from mindlyfe.kernel.access import AUDIENCE, Claims, TokenVerifier
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.secrecy import Unreadable
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.stand_ins import StandingClock

ISSUER = "http://localhost:8080"


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def keys() -> MemoryKeys:
    return MemoryKeys()


@pytest.fixture
def ring(database: Database, keys: MemoryKeys, clock: StandingClock) -> SigningKeyRing:
    return SigningKeyRing(database, keys, clock)


def claims(clock: StandingClock) -> Claims:
    now = int(clock.now.timestamp())
    return Claims(
        iss=ISSUER,
        aud=AUDIENCE,
        sub=PersonId(uuid4()),
        tenant=TenantId(uuid4()),
        region="eu",
        roles=frozenset({"patient"}),
        sid=uuid4(),
        aal=1,
        auth_time=now,
        iat=now,
        exp=now + 600,
        jti=uuid4(),
    )


async def kids(ring: SigningKeyRing) -> list[str]:
    return [key["kid"] for key in msgspec.json.decode(await ring.jwks())["keys"]]


async def signer(ring: SigningKeyRing, clock: StandingClock) -> str:
    """Which key signs now; the token is verified by what is published."""
    token = await ring.signed(claims(clock))
    published = KeySet.import_key_set(msgspec.json.decode(await ring.jwks()))
    return str(jws.deserialize_compact(token, published, algorithms=["ES256"]).headers()["kid"])


async def test_processes_that_start_together_agree_on_the_first_key(
    database: Database, keys: MemoryKeys, clock: StandingClock
) -> None:
    rings = [SigningKeyRing(database, keys, clock) for _ in range(4)]
    assert len({await one for one in asyncio.as_completed([ring.jwks() for ring in rings])}) == 1
    assert len({await signer(ring, clock) for ring in rings}) == 1


async def test_a_new_key_is_published_before_it_signs_and_the_old_one_after(
    ring: SigningKeyRing, clock: StandingClock
) -> None:
    first = await signer(ring, clock)
    second = await ring.rotate()
    assert await ring.rotate() == second
    assert await kids(ring) == [first, second]
    assert await signer(ring, clock) == first
    clock.now += AHEAD
    assert await signer(ring, clock) == second
    await ring.tend()
    assert await kids(ring) == [first, second]
    clock.pass_(minutes=15, seconds=1)
    await ring.tend()
    assert await kids(ring) == [second]


async def test_asvs_13_3_4_rotation_signs_nobody_out(ring: SigningKeyRing, clock: StandingClock) -> None:
    verifier = TokenVerifier(ring, issuer=ISSUER, clock=clock)
    for _ in range(6):
        token = await ring.signed(claims(clock))
        await ring.rotate()
        clock.pass_(minutes=9, seconds=59)
        await ring.tend()
        verifier = TokenVerifier(ring, issuer=ISSUER, clock=clock)
        assert (await verifier.verify(token)).aud == AUDIENCE


async def test_a_key_that_grows_old_is_followed_by_the_next(ring: SigningKeyRing, clock: StandingClock) -> None:
    first = await signer(ring, clock)
    clock.now += PERIOD - AHEAD
    await ring.tend()
    assert len(await kids(ring)) == 2
    assert await signer(ring, clock) == first
    clock.now += AHEAD
    assert await signer(ring, clock) != first


async def test_the_private_half_is_sealed(ring: SigningKeyRing, database: Database, clock: StandingClock) -> None:
    await ring.jwks()
    async with database.worker() as tx:
        row: Any = await (await tx.execute("select public, sealed from signing_key")).fetchone()
    assert "d" not in row[0]
    assert b'"d"' not in row[1]
    stranger = SigningKeyRing(database, MemoryKeys(), clock)
    with pytest.raises(Unreadable):
        await stranger.signed(claims(clock))
