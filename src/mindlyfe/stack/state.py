"""What the supervisor says about the platform: written whole on each change, read by every other command."""

from datetime import UTC, datetime
from typing import Literal

import msgspec
import psutil

from mindlyfe.stack.instance import Instance, replace

type Condition = Literal["waiting", "starting", "running", "unhealthy", "restarting", "done", "failed", "stopped"]
type Phase = Literal["starting", "ready", "stopping", "stopped", "failed"]


class Process(msgspec.Struct, frozen=True):
    """One process and no later one with its number: `created` is its start, seconds since 1970."""

    pid: int
    created: float


class PartState(msgspec.Struct, kw_only=True):
    """How one part is."""

    name: str
    tier: int
    stop_signal: int
    state: Condition = "waiting"
    process: Process | None = None
    port: int | None = None
    restarts: int = 0
    since: datetime
    detail: str = ""


class Failure(msgspec.Struct, frozen=True):
    """Why the platform did not start, and what to do about it."""

    part: str
    reason: str
    lines: list[str]
    advice: str


class State(msgspec.Struct, kw_only=True):
    """The whole platform as its supervisor sees it."""

    supervisor: Process
    instance: str
    mode: str
    url: str
    phase: Phase
    started_at: datetime
    ready_after_s: float | None = None
    parts: list[PartState]
    warnings: list[str] = []
    failure: Failure | None = None


def now() -> datetime:
    """The moment, UTC, to the millisecond."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def read(instance: Instance) -> State | None:
    """The last state written; None if there never was one."""
    try:
        return msgspec.json.decode(instance.state.read_bytes(), type=State)
    except FileNotFoundError:
        return None


def write(instance: Instance, state: State) -> None:
    """Publish `state`."""
    replace(instance.state, msgspec.json.encode(state))


def identify(pid: int) -> Process:
    """The process with this number now. Raises psutil.NoSuchProcess."""
    return Process(pid, psutil.Process(pid).create_time())


def lives(process: Process) -> bool:
    """Whether exactly this process still runs."""
    try:
        there = psutil.Process(process.pid)
        return abs(there.create_time() - process.created) < 1 and there.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
