"""`status`: how each part is."""

from typing import Annotated, Any

import psutil
from cyclopts import Parameter
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mindlyfe.commands.common import DEFAULT, DataDir, instance_in
from mindlyfe.stack import warnings
from mindlyfe.stack.instance import Instance
from mindlyfe.stack.orphans import orphans
from mindlyfe.stack.state import PartState, State, lives, now, read

NOT_RUNNING = 3
WELL = frozenset({"running", "done"})
COLOURS = {"running": "green", "done": "green", "failed": "red", "restarting": "red", "unhealthy": "red"}


def status(*, data_dir: DataDir = DEFAULT, json: Annotated[bool, Parameter(negative="")] = False) -> int:
    """Show how each part is. Exit code 0: all is well, 1: not all, 3: it does not run.

    Parameters
    ----------
    json
        For programs: pid, state, port, restarts and since of each part.
    """
    instance = instance_in(data_dir)
    state = read(instance)
    console = Console()
    if state is None or not lives(state.supervisor):
        return _not_running(console, instance, json=json)
    memory = {part.name: _memory(part) for part in state.parts if part.process}
    total = sum(memory.values()) + _bytes(psutil.Process(state.supervisor.pid))
    if json:
        console.print_json(data=_plain(state, memory, total))
    else:
        _show(console, state, memory, total)
    return 0 if state.phase == "ready" and all(part.state in WELL for part in state.parts) else 1


def _not_running(console: Console, instance: Instance, *, json: bool) -> int:
    left = [process.pid for process in orphans(instance)]
    found = [warning for warning in (warnings.disk(instance.directory),) if warning]
    if json:
        console.print_json(data={"phase": "stopped", "parts": [], "orphans": left, "warnings": found})
        return NOT_RUNNING
    console.print(f"The platform in {instance.directory} does not run. Start it with `./mindlyfe up`.")
    if left:
        console.print(
            f"[yellow]Its supervisor was killed; {len(left)} of its processes still run. "
            "`./mindlyfe up` or `./mindlyfe down` ends them.[/]"
        )
    for warning in found:
        console.print(f"[yellow]{escape(warning)}[/]")
    return NOT_RUNNING


def _plain(state: State, memory: dict[str, int], total: int) -> dict[str, Any]:
    return {
        "phase": state.phase,
        "mode": state.mode,
        "url": state.url,
        "instance": state.instance,
        "supervisor": {"pid": state.supervisor.pid},
        "started_at": state.started_at.isoformat(),
        "ready_after_s": state.ready_after_s,
        "memory_bytes": total,
        "warnings": state.warnings,
        "parts": [
            {
                "name": part.name,
                "state": part.state,
                "pid": part.process.pid if part.process else None,
                "port": part.port,
                "restarts": part.restarts,
                "since": part.since.isoformat(),
                "detail": part.detail,
                "memory_bytes": memory.get(part.name),
            }
            for part in state.parts
        ],
    }


def _show(console: Console, state: State, memory: dict[str, int], total: int) -> None:
    table = Table(title=f"{state.url}  {state.phase}  {state.mode}", title_justify="left")
    for column in ("part", "state", "since", "restarts", "pid", "port", "memory"):
        table.add_column(column, justify="left" if column in ("part", "state") else "right")
    for part in state.parts:
        if part.state == "done":
            continue
        table.add_row(
            part.name,
            f"[{COLOURS.get(part.state, 'yellow')}]{part.state}[/] [dim]{escape(part.detail)}[/]",
            _ago((now() - part.since).total_seconds()),
            str(part.restarts),
            str(part.process.pid) if part.process else "",
            str(part.port or ""),
            f"{memory[part.name] / 1e6:.0f} MB" if part.name in memory else "",
        )
    console.print(table)
    console.print(f"Memory of everything: {total / 1e6:.0f} MB")
    for warning in state.warnings:
        console.print(f"[yellow]{escape(warning)}[/]")


def _ago(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _memory(part: PartState) -> int:
    """Bytes of the part's processes, what they share counted once."""
    assert part.process
    try:
        process = psutil.Process(part.process.pid)
        return sum(_bytes(one) for one in (process, *process.children(recursive=True)))
    except psutil.Error:
        return 0


def _bytes(process: psutil.Process) -> int:
    try:
        full = process.memory_full_info()
        return int(getattr(full, "pss", full.uss))
    except psutil.AccessDenied:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
