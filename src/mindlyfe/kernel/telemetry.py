"""Logs as JSON lines on standard error, and the W3C trace that runs from browser to e-mail."""

import asyncio
import logging
import os
import re
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, BinaryIO, Final

import msgspec
import structlog

from mindlyfe.kernel.config import TelemetrySettings
from mindlyfe.kernel.messages import SYSTEM, Act, TenantId

_TRACEPARENT: Final = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_FLUSH_S: Final = 0.1
_current: ContextVar[str] = ContextVar("traceparent", default="")
_encode: Final = msgspec.json.Encoder(enc_hook=str).encode


def started() -> str:
    """A traceparent for work that nothing else caused."""
    random = os.urandom(24).hex()
    return f"00-{random[:32]}-{random[32:]}-01"


def continued(parent: str) -> str:
    """A traceparent for a step of `parent`; a new trace when `parent` is not a valid traceparent."""
    if not _TRACEPARENT.fullmatch(parent):
        return started()
    return f"{parent[:36]}{os.urandom(8).hex()}{parent[52:]}"


def traceparent() -> str:
    """The traceparent of what is going on here; a new one when nothing is."""
    return _current.get() or started()


def by_platform(tenant: TenantId) -> Act:
    """An act of the platform itself, which nobody asked for, as part of what is going on here."""
    return Act(tenant=tenant, actor=SYSTEM, correlation=traceparent())


def trace_id(parent: str) -> str:
    """The trace id in a traceparent: what a user can quote and an operator can search for."""
    return parent[3:35]


def enter(parent: str) -> Token[str]:
    """Make `parent` the current traceparent; undone by `leave`. `within` is the safer form."""
    return _current.set(parent)


def leave(token: Token[str]) -> None:
    """Undo `enter`."""
    _current.reset(token)


@contextmanager
def within(parent: str) -> Generator[str]:
    """Work on a message or a task that `parent` caused; gives the traceparent of this step."""
    step = continued(parent)
    token = enter(step)
    try:
        yield step
    finally:
        leave(token)


def stack(error: BaseException) -> list[str]:
    """Where an exception came from: types and places. Never its message, which may quote a person's data."""
    lines: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(lines) < 60:
        lines.append(type(seen).__qualname__)
        lines += [f"  {frame}" for frame in _frames(seen.__traceback__)]
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return lines


def _frames(traceback: TracebackType | None) -> Iterator[str]:
    while traceback is not None:
        code = traceback.tb_frame.f_code
        yield f"{'/'.join(code.co_filename.split('/')[-3:])}:{traceback.tb_lineno} {code.co_name}"
        traceback = traceback.tb_next


def configure(settings: TelemetrySettings, out: BinaryIO | None = None) -> None:
    """Send structlog's and the standard library's logs to `out` (standard error). Called once, by the process."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    steps: list[Any] = [
        _trace,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper("iso", key="at"),
        _errors,
    ]
    stream = out or sys.stderr.buffer
    structlog.configure(
        processors=[*steps, structlog.processors.JSONRenderer(serializer=_json)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = _Lines(stream)
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)


class _Lines(logging.Handler):
    """Libraries' log records in the same form."""

    def __init__(self, out: BinaryIO) -> None:
        super().__init__()
        self._out = out

    def emit(self, record: logging.LogRecord) -> None:
        line: dict[str, Any] = {
            "event": record.getMessage(),
            "logger": record.name,
            "level": record.levelname.lower(),
            "at": datetime.fromtimestamp(record.created, UTC),
        }
        if record.exc_info and record.exc_info[1]:
            line["stack"] = stack(record.exc_info[1])
        self._out.write(_encode(line) + b"\n")
        self._out.flush()


def _json(line: Any, **_: Any) -> bytes:
    return _encode(line)


def _trace(_: Any, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if parent := _current.get():
        line["trace"] = trace_id(parent)
    return line


def _errors(_: Any, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    error = line.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        line["stack"] = stack(error)
    return line


class _Served(msgspec.Struct, frozen=True, omit_defaults=True):
    event: str
    level: str
    at: datetime
    trace: str
    method: str
    route: str
    status: int
    ms: float
    context: str = ""


class AccessLog:
    """A line per request: the route's template, never the path or the query as sent.

    Lines of a tenth of a second are handed over together: kill -9 may lose them, the audit has what must not be lost.
    """

    def __init__(self, settings: TelemetrySettings, out: BinaryIO | None = None) -> None:
        self._out = sys.stderr.buffer if out is None else out
        self._flushing: asyncio.TimerHandle | None = None
        self._silent = settings.log_level in {"warning", "error"}

    def write(self, *, trace: str, method: str, route: str, status: int, seconds: float, context: str) -> None:
        """Log an answered request."""
        if self._silent:
            return
        now = datetime.now(UTC)
        line = _Served("request", "info", now, trace, method, route, status, round(seconds * 1000, 2), context)
        self._out.write(_encode(line) + b"\n")
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().call_later(_FLUSH_S, self._flush)

    def _flush(self) -> None:
        self._flushing = None
        self._out.flush()
