"""Sign-ins and refreshes a second over HTTP, with argon2 alone in the same run."""

import asyncio
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Final

from argon2 import PasswordHasher
from tests.identity.conftest import House

from benchmarks.identity.world import served
from mindlyfe.identity.adapters.argon2 import AT_ONCE, LANES, MEMORY_KIB, PASSES
from mindlyfe.identity.testing.person import PASSWORD

ROUNDS: Final = 3
SECONDS: Final = 4.0
AIM: Final = 0.8
"""Signing in is to be argon2 and little else."""


def verified_per_s(seconds: float) -> float:
    """What argon2 alone manages, with as many threads as identity gives it."""
    hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
    hashed, begun = hasher.hash(PASSWORD), time.perf_counter()

    def verify() -> int:
        done = 0
        while time.perf_counter() - begun < seconds:
            hasher.verify(hashed, PASSWORD)
            done += 1
        return done

    with ThreadPoolExecutor(AT_ONCE) as threads:
        done = sum(run.result() for run in [threads.submit(verify) for _ in range(AT_ONCE)])
    return done / (time.perf_counter() - begun)


async def driven(base: str, kind: str, emails: list[str], seconds: float) -> float:
    """Requests a second, asked by a process of its own."""
    order = {"base": base, "kind": kind, "emails": emails, "password": PASSWORD, "seconds": seconds}
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "benchmarks.identity.load"],
        input=json.dumps(order).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return float(json.loads(done.stdout)["per_s"])


async def rates(house: House, emails: list[str]) -> bool:
    """Print the rates, taken in turn; whether sign-ins come as near to argon2 alone as they should."""
    print(f"  argon2id: {MEMORY_KIB} KiB, passes {PASSES}, lanes {LANES}; {AT_ONCE} threads; {len(emails)} callers")
    found: dict[str, list[float]] = {"argon2 alone": [], "sign-in": [], "refresh": []}
    async with served(house.app) as base:
        for _ in range(ROUNDS):
            found["argon2 alone"].append(await asyncio.to_thread(verified_per_s, SECONDS))
            for kind in ("sign-in", "refresh"):
                found[kind].append(await driven(base, kind, emails, SECONDS))
            print("  " + ", ".join(f"{name} {each[-1]:,.1f}/s" for name, each in found.items()), flush=True)
    middle = {name: median(each) for name, each in found.items()}
    ratio = middle["sign-in"] / middle["argon2 alone"]
    print(f"  sign-ins {middle['sign-in']:,.1f}/s = {ratio:.2f} of argon2 alone; aim > {AIM}")
    print(f"  refreshes {middle['refresh']:,.1f}/s")
    return ratio > AIM
