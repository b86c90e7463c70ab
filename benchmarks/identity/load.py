"""People who sign in or refresh, each one request after another, from a process of their own: orders by stdin."""

import asyncio
import json
import sys
import time
from typing import Any

import httpx
import uvloop


async def tokens(http: httpx.AsyncClient, email: str, password: str) -> str:
    """Sign in; the refresh token."""
    answer = await http.post("/v1/sessions", json={"email": email, "password": password, "delivery": "bearer"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["refresh_token"])


async def renewed(http: httpx.AsyncClient, token: str) -> str:
    """Refresh; the next token."""
    answer = await http.post("/v1/sessions/refresh", json={"refresh_token": token})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["refresh_token"])


async def main(base: str, kind: str, emails: list[str], password: str, seconds: float) -> dict[str, Any]:
    """Requests answered a second; signing in first is not counted as a refresh."""
    clients = [httpx.AsyncClient(base_url=base, timeout=60) for _ in emails]
    held = [await tokens(http, email, password) for http, email in zip(clients, emails, strict=True)]
    begun, counts = time.perf_counter(), [0] * len(emails)

    async def go_on(number: int) -> None:
        while time.perf_counter() - begun < seconds:
            if kind == "sign-in":
                await tokens(clients[number], emails[number], password)
            else:
                held[number] = await renewed(clients[number], held[number])
            counts[number] += 1

    await asyncio.gather(*(go_on(number) for number in range(len(emails))))
    took = time.perf_counter() - begun
    for http in clients:
        await http.aclose()
    return {"per_s": sum(counts) / took}


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(main(**json.loads(sys.stdin.read())))))
