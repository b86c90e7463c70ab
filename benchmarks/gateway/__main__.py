"""`python -m benchmarks.gateway`: CPU and latency of a read, ours and FastAPI's, directly and through Envoy."""

import argparse
import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

import psutil

from benchmarks.gateway.envoy import gateway
from benchmarks.gateway.setup import CLINIC, PERSON, database, free_port
from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.testing.tokens import Signer

AIMS: Final = {"plain": 0.75, "read": 0.92}
ENVOY_MS: Final = 0.3
TITLES: Final = {"plain": "without database and token", "read": "with database and token"}


@dataclass
class Measured:
    """What the rounds of one side and case gave; times in ms, CPU in µs per request."""

    cpu: list[float] = field(default_factory=list[float])
    p50: list[float] = field(default_factory=list[float])
    p99: list[float] = field(default_factory=list[float])
    per_s: list[float] = field(default_factory=list[float])


@contextmanager
def server(side: str, given: Mapping[str, Any], directory: Path) -> Generator[tuple[int, psutil.Process]]:
    """A side's port and process."""
    port = free_port()
    with (directory / f"{side}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.gateway.server", side, str(port)], stdin=subprocess.PIPE, stderr=log
        )
    assert process.stdin
    process.stdin.write(json.dumps(given).encode())
    process.stdin.close()
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(10)


def load(port: int, request: str, connections: int, seconds: float) -> dict[str, Any]:
    """Drive a port from a process of its own."""
    asked = {
        "host": "127.0.0.1",
        "port": port,
        "request": request,
        "connections": connections,
        "seconds": seconds,
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.gateway.load"],
        input=json.dumps(asked).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    assert not result["failures"], result
    return result


def measure(port: int, process: psutil.Process | None, request: str, seconds: float, into: Measured) -> None:
    """One round: CPU under 8 connections (of `process`), latency with one."""
    before = process.cpu_times() if process else None
    busy = load(port, request, 8, seconds)
    if process and before:
        after = process.cpu_times()
        used = after.user + after.system - before.user - before.system
        into.cpu.append(used / busy["requests"] * 1e6)
    into.per_s.append(busy["requests"] / seconds)
    alone = load(port, request, 1, seconds / 2)
    into.p50.append(alone["p50_ms"])
    into.p99.append(alone["p99_ms"])


def given_of(settings: DatabaseSettings, signer: Signer) -> dict[str, Any]:
    """What a server of either side is told."""
    names = ("host", "port", "name", "keys_name")
    told = {name: getattr(settings, name) for name in names} | {"passwords": str(settings.passwords)}
    return {"database": told, "jwks": asyncio.run(signer.jwks()).decode(), "issuer": signer.issuer}


def run(rounds: int, seconds: float) -> dict[str, dict[str, Measured]]:
    """Case → side → what was measured, the sides taking turns within each round."""
    directory = Path(tempfile.mkdtemp(prefix="mlb-", dir="/tmp"))
    directory.chmod(0o755)
    signer = Signer()
    token = signer.token("therapist", person=PERSON, tenant=CLINIC, lasts_s=3600)
    head = f"HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
    requests = {
        "plain": f"GET /v1/plain/{PERSON}?limit=30 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "read": f"GET /v1/entries?limit=10 {head}",
    }
    results = {case: {side: Measured() for side in ("ours", "peer", "envoy")} for case in requests}
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        given = given_of(stack.enter_context(database(directory)), signer)
        ours, our_process = stack.enter_context(server("ours", given, directory))
        peer, peer_process = stack.enter_context(server("peer", given, directory))
        envoy = stack.enter_context(gateway(directory, ours, signer))
        sides: dict[str, tuple[int, psutil.Process | None]] = {
            "ours": (ours, our_process),
            "peer": (peer, peer_process),
            "envoy": (envoy, None),
        }
        for _ in range(rounds):
            for case, request in requests.items():
                for side, (port, process) in sides.items():
                    measure(port, process, request, seconds, results[case][side])
    return results


def report(results: dict[str, dict[str, Measured]]) -> None:
    """The medians and how they stand to the aims."""
    names = {"ours": "MindLyfe, directly", "peer": "FastAPI, directly", "envoy": "MindLyfe through Envoy"}
    for case, sides in results.items():
        print(f"\nA read {TITLES[case]}")
        for side, m in sides.items():
            cpu = f"{median(m.cpu):7.1f} µs CPU" if m.cpu else " " * 14
            latency = f"p50 {median(m.p50):6.3f} ms  p99 {median(m.p99):6.3f} ms"
            print(f"  {names[side]:24}{cpu}  {latency}  {median(m.per_s):7.0f}/s")
        ratio = median(sides["ours"].cpu) / median(sides["peer"].cpu)
        print(f"  CPU of ours to FastAPI's: {ratio:.2f} (aim: at most {AIMS[case]})")
        added = median(sides["envoy"].p50) - median(sides["ours"].p50)
        print(f"  Envoy adds {added:.3f} ms at p50 (aim: at most {ENVOY_MS})")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.gateway", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="per side, case and round")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    busy = os.getloadavg()[0]
    results = run(asked.rounds, asked.seconds)
    if asked.json:
        print(json.dumps({case: {side: vars(m) for side, m in sides.items()} for case, sides in results.items()}))
        return
    print(f"{os.cpu_count()} CPUs, load {busy:.1f} at the start, medians of {asked.rounds} rounds of {asked.seconds} s")
    report(results)


if __name__ == "__main__":
    main()
