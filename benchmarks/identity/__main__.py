"""`python -m benchmarks.identity`: what signing in, refreshing, deciding and revoking cost, and what time tells."""

import asyncio
import sys

import uvloop

from benchmarks.identity import decisions, gateway, reaching
from benchmarks.identity.rates import rates
from benchmarks.identity.revocation import revocation
from benchmarks.identity.timing import timing
from benchmarks.identity.world import people, world

CALLERS = 8
KNOWN = 16


async def at_the_door() -> dict[str, bool]:
    """What is measured of identity itself."""
    met = dict[str, bool]()
    async with world() as house:
        print(f"people register: {KNOWN}", flush=True)
        emails = await people(house, await house.clinic(), KNOWN)
        print("sign-ins and refreshes over HTTP", flush=True)
        met["rates"] = await rates(house, emails[:CALLERS])
        print("known and unknown addresses", flush=True)
        met["timing"] = await timing(house, emails)
        print("sign-out to the first 401 elsewhere: two doors of one process, no broker or gateway", flush=True)
        met["revocation"] = await revocation(house, emails[0])
    return met


def main() -> int:
    """Measure and print; 0 even when an aim is missed, since the machine may be busy."""
    print("decisions, pure", flush=True)
    met = {"decisions": decisions.pure()}
    met["decisions with care"] = reaching.run()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        met |= runner.run(at_the_door())
    print("sign-out to the first 401 elsewhere, through the gateway, a process per context", flush=True)
    met["revocation through the gateway"] = gateway.run()
    print(f"aims missed: {', '.join(name for name, good in met.items() if not good) or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
