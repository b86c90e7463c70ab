"""Logs and traces: one line per request, a trace from end to end, and never what a person wrote."""

import io
import json
import logging
from typing import Any

import pytest
import structlog
from litestar import Router

from mindlyfe.kernel import telemetry
from mindlyfe.kernel.config import TelemetrySettings
from mindlyfe.kernel.http import PUBLIC, get
from mindlyfe.kernel.messages import Act
from mindlyfe.kernel.testing.doorway import Doorway

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@get("/v1/traced/{name:str}", needs=PUBLIC)
async def traced(name: str, act: Act) -> list[str]:
    return [act.correlation, telemetry.traceparent()]


@get("/v1/crash/{name:str}", needs=PUBLIC)
async def crash(name: str) -> str:
    raise ValueError(f"Ada {name}")


def doorway() -> Doorway:
    return Doorway([Router("/", route_handlers=[traced, crash])], {})


@pytest.fixture
def out() -> Any:
    """Where the logs of this test go; afterwards structlog is as before."""
    stream = io.BytesIO()
    telemetry.configure(TelemetrySettings(), stream)
    yield stream
    structlog.reset_defaults()
    logging.basicConfig(handlers=[logging.NullHandler()], force=True)


def lines(out: io.BytesIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


async def test_the_trace_of_the_caller_goes_on() -> None:
    async with doorway() as door:
        correlation, inside = (await door.client.get("/v1/traced/x", headers={"traceparent": PARENT})).json()
        assert correlation == inside
        assert correlation[:36] == PARENT[:36]
        assert correlation != PARENT
    assert telemetry.traceparent() != inside


@pytest.mark.parametrize(
    "parent", ["", "x", PARENT[:-1], PARENT.upper(), "00-" + "0" * 32 + PARENT[35:], f"{PARENT}\n"]
)
async def test_what_is_no_traceparent_starts_a_new_trace(parent: str) -> None:
    step = telemetry.continued(parent)
    assert len(step) == 55
    assert telemetry.continued(step)[:36] == step[:36]


async def test_asvs_16_4_1_16_2_5_the_access_log_has_the_template_and_nothing_of_the_caller() -> None:
    async with doorway() as door:
        await door.client.get("/v1/traced/ada-lovelace", headers={"traceparent": PARENT})
        await door.client.get("/v1/traced/x?name=ada-lovelace")
        await door.client.get("/v1/ada-lovelace")
        found = [json.loads(line) for line in door.log]
    assert [(line["route"], line["status"]) for line in found] == [
        ("/v1/traced/{name}", 200),
        ("/v1/traced/{name}", 400),
        ("", 404),
    ]
    assert found[0]["trace"] == PARENT[3:35]
    assert "lovelace" not in str(found)


async def test_a_failure_is_logged_by_type_and_place_only(out: io.BytesIO) -> None:
    async with doorway() as door:
        answer = await door.client.get("/v1/crash/lovelace")
    (line,) = lines(out)
    assert line["trace"] == answer.json()["correlation"]
    assert "ValueError" in line["stack"]
    assert any("crash" in place for place in line["stack"])
    assert "Ada" not in str(line)
    assert "lovelace" not in str(line)


def test_logs_of_libraries_take_the_same_form(out: io.BytesIO) -> None:
    try:
        raise KeyError("Ada")
    except KeyError:
        logging.getLogger("library").exception("it failed")
    (line,) = lines(out)
    assert (line["event"], line["logger"], line["level"]) == ("it failed", "library", "error")
    assert line["stack"][0] == "KeyError"
    assert "Ada" not in str(line)


def test_a_step_of_a_message_belongs_to_its_trace(out: io.BytesIO) -> None:
    with telemetry.within(PARENT) as step:
        structlog.get_logger("test").info("working", count=3)
        assert telemetry.traceparent() == step
    (line,) = lines(out)
    assert line["trace"] == PARENT[3:35]
    assert line["count"] == 3


async def test_requests_are_measured_by_template_and_status() -> None:
    async with doorway() as door:
        for name in ("a", "b", "c"):
            await door.client.get(f"/v1/traced/{name}")
        door.metrics.gauge("mindlyfe_lag_seconds", "Behind by.", lambda: 1.5, context="therapy")
        text = door.metrics.exposition().decode()
    labels = 'context="test",method="GET",route="/v1/traced/{name}",status="200"'
    assert f"mindlyfe_request_seconds_count{{{labels}}} 3.0" in text
    assert 'mindlyfe_lag_seconds{context="therapy"} 1.5' in text
