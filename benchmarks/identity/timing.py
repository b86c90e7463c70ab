"""Whether the time of an answer tells if an address has an account."""

import random
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Final

import httpx
from tests.identity.conftest import House

from mindlyfe.identity.testing.person import Person

PAIRS: Final = 200
SECONDS: Final = 25.0
"""A busy machine gives fewer pairs."""
WARM: Final = 20
SHUFFLES: Final = 2_000
ALPHA: Final = 0.01
Pair = tuple[float, float]


def apart(pairs: list[Pair]) -> float:
    """By how much the medians differ."""
    return median(known for known, _ in pairs) - median(unknown for _, unknown in pairs)


def by_chance(pairs: list[Pair], rng: random.Random) -> float:
    """How often the medians differ as much when each pair's labels are drawn by lot: the p value."""
    seen = abs(apart(pairs))
    more = sum(
        abs(apart([(a, b) if rng.random() < 0.5 else (b, a) for a, b in pairs])) >= seen for _ in range(SHUFFLES)
    )
    return (more + 1) / (SHUFFLES + 1)


async def sampled(house: House, ask: Callable[[str], Awaitable[httpx.Response]], emails: list[str]) -> list[Pair]:
    """Milliseconds for a known and an unknown address, side by side in random order; no attempts add up.

    Both are asked equally often: whoever compares two addresses cannot know which was never asked before.
    """
    rng, pairs, until = random.Random(1), list[Pair](), time.monotonic() + SECONDS
    for number in range(PAIRS):
        if time.monotonic() > until:
            break
        which, took = number % len(emails), dict[bool, float]()
        for there in rng.sample((True, False), 2):
            house.cache.held.clear()
            email = emails[which] if there else f"nobodyno{which}@mail.example"
            begun = time.perf_counter()
            await ask(email)
            took[there] = (time.perf_counter() - begun) * 1e3
        pairs.append((took[True], took[False]))
    return pairs


def asks(visitor: Person) -> dict[str, Callable[[str], Awaitable[httpx.Response]]]:
    """Both calls, of which each must be refused or accepted alike."""

    async def sign_in(email: str) -> httpx.Response:
        wish = {"email": email, "password": "not-the-right-one-at-all", "delivery": "bearer"}
        answer = await visitor.post("/v1/sessions", wish)
        assert answer.status_code == 401, answer.text
        return answer

    async def recover(email: str) -> httpx.Response:
        answer = await visitor.post("/v1/recoveries", {"email": email})
        assert answer.status_code == 202, answer.text
        return answer

    return {"sign-in, wrong password": sign_in, "recovery": recover}


async def timing(house: House, emails: list[str]) -> bool:
    """Print medians, their difference and p; whether no difference is seen."""
    alike = True
    for name, ask in asks(house.visitor()).items():
        for _ in range(WARM):
            await ask("warm@mail.example")
            house.cache.held.clear()
        pairs = await sampled(house, ask, emails)
        p = by_chance(pairs, random.Random(2))
        known, unknown = median(k for k, _ in pairs), median(u for _, u in pairs)
        print(
            f"  {name:24} known {known:.2f} ms, unknown {unknown:.2f} ms, difference {apart(pairs):+.3f} ms,"
            f" p {p:.3f} of {len(pairs)} pairs; aim p > {ALPHA}",
            flush=True,
        )
        alike = alike and p > ALPHA
    return alike
