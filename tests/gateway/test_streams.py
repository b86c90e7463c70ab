"""Server-sent events and WebSockets pass the edge, need a token like any other route, and live as long as they like."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest
import websockets

from mindlyfe.gateway.settings import Limits


async def ticks(gate: Any, headers: dict[str, str], seconds: float) -> list[str]:
    """The events that arrive within so many seconds."""
    began, heard = time.monotonic(), []
    async with (
        httpx.AsyncClient(base_url=f"http://localhost:{gate.port}", trust_env=False, timeout=5) as http,
        http.stream("GET", "/v1/stream", headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/event-stream"
        assert "content-encoding" not in answer.headers
        async for line in answer.aiter_lines():
            heard += [line] if line else []
            if time.monotonic() - began > seconds:
                break
    return heard


async def conversation(gate: Any, headers: dict[str, str], pause_s: float) -> list[str | bytes]:
    """What a WebSocket echoes, before and after a pause."""
    async with websockets.connect(
        f"ws://localhost:{gate.port}/v1/socket", additional_headers=headers, proxy=None, ping_interval=None
    ) as socket:
        await socket.send("before")
        first = await socket.recv()
        await asyncio.sleep(pause_s)
        await socket.send("after")
        return [first, await socket.recv()]


async def test_streams_live_longer_than_any_answer_may_take(gate: Any, signed_in: dict[str, str]) -> None:
    heard, said = await asyncio.gather(ticks(gate, signed_in, 15.5), conversation(gate, signed_in, 15.5))
    assert len(heard) >= 15
    assert heard[0] == "data: 0"
    assert said == ["before", "after"]


async def test_open_streams_use_up_no_place_of_other_requests(
    start: Callable[..., AbstractContextManager[Any]], signed_in: dict[str, str], until: Any
) -> None:
    with start(limits=Limits(streams=1)) as gate:
        until(lambda: gate.http.get("/v1/things/mine", headers=signed_in).is_success)
        with gate.http.stream("GET", "/v1/stream", headers=signed_in) as first:
            assert first.status_code == 200
            second = gate.http.get("/v1/stream", headers=signed_in)
            assert second.status_code == 503
            assert second.json()["type"] == "/problems/unavailable"
            assert gate.http.get("/v1/open").status_code == 200


@pytest.mark.parametrize("token", [None, "rubbish"])
async def test_a_socket_needs_a_token(gate: Any, token: str | None) -> None:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    with pytest.raises(websockets.InvalidStatus) as refused:
        await conversation(gate, headers, 0)
    assert refused.value.response.status_code == 401


async def test_a_cookie_opens_a_socket(gate: Any, make_token: Any) -> None:
    assert await conversation(gate, {"cookie": f"mindlyfe_main_access={make_token()}"}, 0) == ["before", "after"]


async def test_only_stream_routes_change_protocols(gate: Any, signed_in: dict[str, str]) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with websockets.connect(
            f"ws://localhost:{gate.port}/v1/things/mine", additional_headers=signed_in, proxy=None
        ):
            pass
    assert refused.value.response.status_code == 403
