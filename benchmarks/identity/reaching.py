"""`python -m benchmarks.identity.reaching`: a decision with care read from the copy on PostgreSQL."""

import asyncio
import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import psycopg

from benchmarks.gateway.setup import database
from mindlyfe.kernel.clinical import RULES
from mindlyfe.kernel.clock import system_clock
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.policy import Policy, Thing
from mindlyfe.kernel.postgres import Database, address
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.testing.principals import principal
from mindlyfe.kernel.ties import Held, TieCopy

TIMES: Final = 2_000
PATIENTS: Final = 40
AIM_MS: Final = 1.0


async def measured(settings: Any) -> list[float]:
    """Milliseconds of each decision, quickest first; the copy is confirmed every five seconds by an answer at hand."""
    tenant, clinician = TenantId(uuid4()), PersonId(uuid4())
    patients = [PersonId(uuid4()) for _ in range(PATIENTS)]
    since = datetime(2026, 1, 1, tzinfo=UTC)
    told = [Held(kind="care", id=uuid4(), subject=patient, since=since, until=None) for patient in patients]

    class Identity:
        async def held(self, *, tenant: TenantId, holder: PersonId) -> list[Held]:  # noqa: ARG002
            return told

    store = Database(settings, "rooms")
    await store.open()
    reach = Reach(Policy(*RULES), TieCopy(store, {}), Identity(), system_clock)
    who, took = principal("therapist", tenant=tenant, person=clinician, aal=2), list[float]()
    for turn in range(TIMES):
        begun = time.perf_counter()
        await reach.require(who, "read", Thing(tenant, patients[turn % PATIENTS], "clinical"))
        took.append((time.perf_counter() - begun) * 1e3)
    await store.close()
    return sorted(took)


def run() -> bool:
    """Print p50 and p99; whether p99 is as it should be."""
    directory = Path(tempfile.mkdtemp(prefix="mlb-", dir="/tmp"))
    directory.chmod(0o755)
    try:
        with database(directory) as settings:
            with psycopg.connect(address(settings, "rooms_owner"), autocommit=True) as owner:
                owner.execute("select follow_ties()")
            took = asyncio.run(measured(settings))
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
    print(f"decision with care from PostgreSQL: p50 {p50:.2f} ms, p99 {p99:.2f} ms; aim p99 < {AIM_MS} ms")
    return p99 < AIM_MS


if __name__ == "__main__":
    raise SystemExit(0 if run() else 1)
