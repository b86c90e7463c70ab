"""Shows how the parts come up."""

import time
from collections.abc import Callable

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table

from mindlyfe.stack.instance import Instance
from mindlyfe.stack.state import PartState, State, now, read

LOOK_S = 0.05
DONE = frozenset({"running", "done"})


def follow(console: Console, instance: Instance, supervisor: int, lives: Callable[[], bool]) -> State | None:
    """Show the start under the supervisor with this process number until it is over; the state then."""
    spinners: dict[str, Spinner] = {}
    state: State | None = None
    with Live(console=console, transient=True, auto_refresh=False) as live:
        while state is None or state.phase == "starting" or (state.failure is None and state.phase == "stopping"):
            living = lives()
            latest = read(instance)
            state = latest if latest and latest.supervisor.pid == supervisor else state
            if not living:
                break
            if state and console.is_terminal:
                live.update(_table(state, spinners), refresh=True)
            time.sleep(LOOK_S)
    while state and state.failure and state.phase in ("starting", "stopping") and lives():
        time.sleep(LOOK_S)
        state = read(instance) or state
    return state


def _table(state: State, spinners: dict[str, Spinner]) -> Table:
    table = Table.grid(padding=(0, 2))
    for part in state.parts:
        table.add_row(_sign(part, spinners), part.name, f"[dim]{part.state}[/]", _since(part), f"[dim]{part.detail}[/]")
    return table


def _sign(part: PartState, spinners: dict[str, Spinner]) -> Spinner | str:
    if part.state in DONE:
        return "[green]✓[/]"
    if part.state in ("failed", "restarting", "unhealthy"):
        return "[red]✗[/]"
    return spinners.setdefault(part.name, Spinner("dots"))


def _since(part: PartState) -> str:
    return "" if part.state in DONE else f"[dim]{(now() - part.since).total_seconds():.1f} s[/]"
