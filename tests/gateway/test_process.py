"""Envoy as a process: two on one machine, and a drain that lets running requests end."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest


def test_two_gateways_run_side_by_side(gate: Any, start: Callable[..., AbstractContextManager[Any]]) -> None:
    with start(instance="second") as second:
        first_service, second_service = (one.http.post("/v1/open").json()["port"] for one in (gate, second))
        assert first_service != second_service
    assert gate.http.post("/v1/open").status_code == 200


def test_a_drain_lets_running_requests_end(start: Callable[..., AbstractContextManager[Any]], until: Any) -> None:
    with start() as gate:
        answers: list[int] = []
        running = threading.Thread(target=lambda: answers.append(gate.http.post("/v1/open?sleep").status_code))
        calls = gate.upstreams["therapy"].calls
        running.start()
        until(lambda: gate.upstreams["therapy"].calls > calls)
        gate.envoy.drain(within_s=10)
        running.join(5)
        assert answers == [200]
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{gate.port}/v1/open", trust_env=False)


def test_what_is_not_running_is_not_ready_and_needs_no_drain(
    start: Callable[..., AbstractContextManager[Any]],
) -> None:
    with start() as gate:
        assert gate.envoy.ready()
    assert not gate.envoy.ready()
    gate.envoy.drain(within_s=1)


def test_preparing_again_keeps_the_addresses(gate: Any) -> None:
    file = gate.envoy.settings.eds / "therapy.json"
    before = file.read_text()
    gate.envoy.prepare()
    assert file.read_text() == before
