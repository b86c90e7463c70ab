"""The process composition root: serve the chosen contexts, or only relay what they publish."""

import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import Final

import structlog
import uvicorn
import uvloop

from mindlyfe.assembly import Assembly
from mindlyfe.kernel import telemetry
from mindlyfe.kernel.config import Settings
from mindlyfe.kernel.edge import Unguarded
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.parts import Parts
from mindlyfe.kernel.secrecy import WrongRootKey
from mindlyfe.kernel.transport.nats import Nats
from mindlyfe.process import Process

_DRAIN_S: Final = 4


def serve(
    settings: Settings, contexts: Sequence[str], port: int, *, host: str = "127.0.0.1", relay: bool = True
) -> None:
    """Serve `contexts` on `host:port` until SIGTERM or SIGINT, draining for at most 5 s. Blocks.

    Exits with 1 and a line that says why: a route without permission, a root key that does not fit, a database that
    stays away for 30 s, a taken port.
    """
    telemetry.configure(settings.telemetry)
    try:
        with socket.create_server((host, port), backlog=1024) as listener:
            _run(lambda stop: _serve(settings, contexts, listener, relay, stop))
    except (Unguarded, WrongRootKey, Unavailable, OSError) as reason:
        structlog.get_logger().critical("cannot serve", reason=str(reason))
        sys.exit(1)


def relay(settings: Settings, contexts: Sequence[str]) -> None:
    """Only publish the events of `contexts`, until SIGTERM or SIGINT. Blocks."""
    telemetry.configure(settings.telemetry)
    _run(lambda stop: _relay(settings, contexts, stop))


def _run(work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    async def until_signal() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await work(stop)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(until_signal())


async def _serve(
    settings: Settings, contexts: Sequence[str], listener: socket.socket, relay: bool, stop: asyncio.Event
) -> None:
    log = structlog.get_logger("host")
    transport = Nats(settings.nats, region=settings.region, name=f"mindlyfe {' '.join(contexts)}")
    process = Process(Assembly.of(settings, contexts, transport), relay=relay, connected=lambda: transport.connected)
    # What is there by now stays for good: the collector need not look at it again.
    gc.collect()
    gc.freeze()
    server = _Server(_uvicorn(process))
    async with contextlib.AsyncExitStack() as stack:
        # Not entered, only left: a process answers, and says so, while the broker is still away.
        stack.push_async_exit(transport)
        await stack.enter_async_context(process)
        serving = asyncio.create_task(server.serve([listener]), name="server")
        stopping = asyncio.create_task(stop.wait(), name="stop")
        ended = asyncio.create_task(process.ended(), name="ended")
        log.info("serving", contexts=list(contexts), port=listener.getsockname()[1])
        await asyncio.wait({serving, stopping, ended}, return_when=asyncio.FIRST_COMPLETED)
        log.info("draining")
        process.health.draining = True
        server.should_exit = True
        await serving
        stopping.cancel()
        if ended.done():
            ended.result()
    log.info("stopped")


async def _relay(settings: Settings, contexts: Sequence[str], stop: asyncio.Event) -> None:
    log = structlog.get_logger("host")
    transport = Nats(settings.nats, region=settings.region, name="mindlyfe relay")
    assembly = Assembly.of(settings, contexts, transport)
    parts = Parts(assembly.relays(), failed=lambda _: None)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_exit(transport)
        stack.push_async_callback(assembly.close)
        await assembly.open()
        running = asyncio.create_task(parts.run(), name="relays")
        log.info("relaying", contexts=list(contexts))
        await stop.wait()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    log.info("stopped")


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, which would end the process before our loops have ended."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Signals are ours."""
        yield


def _uvicorn(process: Process) -> uvicorn.Config:
    return uvicorn.Config(
        process.app,
        http="httptools",
        ws="websockets-sansio",
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_DRAIN_S,
    )
