"""Guessing is slowed down; nobody is locked out by others for long."""

import pytest

from mindlyfe.identity.adapters.attempts import ACCOUNT, HERE, CountedAttempts
from mindlyfe.kernel.errors import TooMany
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.stand_ins import MemoryCache, StandingClock

OWNER, GUESSER = "192.0.2.1", "198.51.100.9"


class Slept(list[float]):
    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def cache(clock: StandingClock) -> MemoryCache:
    return MemoryCache(clock)


@pytest.fixture
def slept() -> Slept:
    return Slept()


@pytest.fixture
def attempts(cache: MemoryCache, slept: Slept) -> CountedAttempts:
    return CountedAttempts(cache, MemoryKeys(), slept)  # type: ignore[arg-type]


async def test_the_wait_doubles_up_to_a_minute(attempts: CountedAttempts, clock: StandingClock) -> None:
    for _ in range(HERE):
        await attempts.failed("a@b.example", GUESSER)
        await attempts.admit("a@b.example", GUESSER)
    for wait in (1, 2, 4, 8, 16, 32, 60, 60):
        await attempts.failed("A@B.example", GUESSER)
        clock.pass_(seconds=wait - 0.1)
        with pytest.raises(TooMany):
            await attempts.admit("a@b.example", GUESSER)
        clock.pass_(seconds=0.2)
        await attempts.admit("a@b.example", GUESSER)


async def test_a_guesser_elsewhere_does_not_lock_the_owner_out(attempts: CountedAttempts, clock: StandingClock) -> None:
    for _ in range(ACCOUNT):
        await attempts.failed("a@b.example", GUESSER)
    with pytest.raises(TooMany):
        await attempts.admit("a@b.example", GUESSER)
    await attempts.admit("a@b.example", OWNER)
    for number in range(8):
        await attempts.failed("a@b.example", f"203.0.113.{number}")
    with pytest.raises(TooMany):
        await attempts.admit("a@b.example", OWNER)
    clock.pass_(seconds=60)
    await attempts.admit("a@b.example", OWNER)


async def test_asvs_6_3_1_others_cannot_lock_out_who_signed_in_from_here_before(
    attempts: CountedAttempts, clock: StandingClock
) -> None:
    """A guesser with many addresses fails again whenever a wait ends; the owner at home gets in all the same."""
    await attempts.succeeded("a@b.example", OWNER)
    for many in range(ACCOUNT + 10):
        await attempts.failed("a@b.example", f"198.51.100.{many}")
        clock.pass_(seconds=1)
    await attempts.admit("A@b.example", OWNER)
    with pytest.raises(TooMany):
        await attempts.admit("a@b.example", "192.0.2.2")
    for _ in range(HERE + 1):
        await attempts.failed("a@b.example", OWNER)
    with pytest.raises(TooMany):
        await attempts.admit("a@b.example", OWNER)


async def test_success_forgets_the_failures_from_here(attempts: CountedAttempts) -> None:
    for _ in range(3):
        for _ in range(HERE):
            await attempts.failed("a@b.example", OWNER)
        await attempts.admit("a@b.example", OWNER)
        await attempts.succeeded("a@b.example", OWNER)


async def test_without_the_cache_nobody_is_refused_and_failures_take_longer(
    attempts: CountedAttempts, cache: MemoryCache, slept: Slept
) -> None:
    cache.away = True
    for _ in range(HERE + 2):
        await attempts.failed("a@b.example", GUESSER)
        await attempts.admit("a@b.example", GUESSER)
    assert slept == [1.0] * (HERE + 2)
    await attempts.succeeded("a@b.example", GUESSER)
    assert await attempts.may_write_to("a@b.example")


async def test_names_in_the_cache_tell_nothing(attempts: CountedAttempts, cache: MemoryCache) -> None:
    await attempts.failed("amina@b.example", GUESSER)
    await attempts.may_write_to("amina@b.example")
    assert not any("amina" in name or GUESSER in name for name in cache.held)
