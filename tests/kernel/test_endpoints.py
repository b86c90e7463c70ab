"""The endpoint table: every method of every path with its limits, and a start that fails without a permission."""

from typing import Any

import pytest
from litestar import Router, WebSocket, asgi
from litestar import get as bare_get
from litestar import websocket as bare_websocket
from litestar.types import Receive, Scope, Send

from mindlyfe.kernel.edge import Unguarded
from mindlyfe.kernel.endpoints import Endpoint, endpoints
from mindlyfe.kernel.http import PUBLIC, get, mounted, post, sse, websocket
from mindlyfe.kernel.messages import Role
from mindlyfe.kernel.module import Module
from mindlyfe.kernel.testing.doorway import Doorway

GRANTS: dict[str, frozenset[Role]] = {"things:read": frozenset({"patient"})}


@get("/{thing:uuid}", needs="things:read", timeout_s=3, rate_per_s=7)
async def one(thing: Any) -> str:
    raise NotImplementedError


@post("/{thing:uuid}/parts/{number:int}", needs=PUBLIC, max_body_bytes=10)
async def part(thing: Any, number: int) -> str:
    raise NotImplementedError


@sse("/live", needs="things:read")
async def live() -> Any:
    raise NotImplementedError


@websocket("/talk", needs="things:read")
async def talk(socket: Any) -> None: ...


async def plain(scope: Scope, receive: Receive, send: Send) -> None: ...


def module(*handlers: Any) -> Module:
    return Module(
        name="things",
        routes=[Router("/v1/things", route_handlers=list(handlers))],
        grants=GRANTS,
        streams=(),
        publishes=lambda _: None,
    )


def test_every_route_is_in_the_table_with_its_limits() -> None:
    table = endpoints(module(one, part, live, talk, mounted("/raw", plain, needs="things:read", max_body_bytes=5)))
    assert [(e.method, e.path) for e in table] == [
        ("GET", "/v1/things/live"),
        ("*", "/v1/things/raw"),
        ("GET", "/v1/things/talk"),
        ("GET", "/v1/things/{thing}"),
        ("POST", "/v1/things/{thing}/parts/{number}"),
    ]
    assert table[3] == Endpoint(
        context="things",
        method="GET",
        path="/v1/things/{thing}",
        needs="things:read",
        timeout_s=3,
        rate_per_s=7,
        max_body_bytes=65_536,
        streams=False,
    )
    assert [(e.needs, e.max_body_bytes) for e in table if e.method == "POST"] == [(None, 10)]
    assert [e.path for e in table if e.streams and e.timeout_s == 0] == ["/v1/things/live", "/v1/things/talk"]


@bare_get("/bare")
async def bare() -> str:
    raise NotImplementedError


@bare_websocket("/bare-socket")
async def bare_socket(socket: WebSocket[Any, Any, Any]) -> None: ...


@asgi("/bare-mount", is_mount=True, copy_scope=True)
async def bare_mount(scope: Scope, receive: Receive, send: Send) -> None: ...


@pytest.mark.parametrize("handler", [bare, bare_socket, bare_mount])
def test_a_route_declared_around_the_verbs_stops_the_start(handler: Any) -> None:
    with pytest.raises(Unguarded, match=r"/v1/things/bare.* names no permission"):
        endpoints(module(one, handler))
    with pytest.raises(Unguarded, match=r"/v1/things/bare.* names no permission"):
        Doorway(module(one, handler).routes, GRANTS)


@pytest.mark.parametrize(
    "handler",
    [
        get("/x", needs="things:shred")(one.opt["route"].function),
        websocket("/x", needs="things:shred")(talk.opt["route"].function),
        sse("/x", needs="things:shred")(live.opt["route"].function),
        mounted("/x", plain, needs="things:shred"),
        mounted("/x", plain, needs=""),
    ],
)
def test_a_permission_that_no_role_has_stops_the_start(handler: Any) -> None:
    with pytest.raises(Unguarded, match="/v1/things/x"):
        endpoints(module(handler))
    with pytest.raises(Unguarded, match="/v1/things/x"):
        Doorway(module(handler).routes, GRANTS)
