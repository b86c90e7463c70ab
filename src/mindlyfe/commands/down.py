"""`down`: stop the platform."""

import os
import signal
import time
from typing import Final

from rich.console import Console

from mindlyfe.commands.common import DEFAULT, DataDir, instance_in, running
from mindlyfe.stack.instance import Instance, held
from mindlyfe.stack.orphans import end_orphans
from mindlyfe.stack.state import State, lives

WITHIN_S: Final = 12.0


def down(*, data_dir: DataDir = DEFAULT) -> int:
    """Stop the platform. What a killed supervisor left running is stopped as well."""
    console = Console()
    instance = instance_in(data_dir)
    state = running(instance)
    if state is None:
        with held(instance):
            ended = end_orphans(instance)
        console.print(f"Stopped {len(ended)} processes without a supervisor." if ended else "It does not run.")
        return 0
    with console.status("Stopping…"):
        stopped = _stop(state)
        if not stopped:
            _force(instance, state)
    console.print("Stopped." if stopped else "Stopped by force; the next `up` recovers what was written.")
    return 0


def _stop(state: State) -> bool:
    os.kill(state.supervisor.pid, signal.SIGTERM)
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        if not lives(state.supervisor):
            return True
        time.sleep(0.05)
    return False


def _force(instance: Instance, state: State) -> None:
    os.kill(state.supervisor.pid, signal.SIGKILL)
    while lives(state.supervisor):
        time.sleep(0.05)
    with held(instance):
        end_orphans(instance)
