"""What several commands share: the data directory they speak of."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from mindlyfe.kernel.config import Settings, WrongSetting, load
from mindlyfe.stack.instance import Instance, find
from mindlyfe.stack.options import Refused
from mindlyfe.stack.state import State, lives, read

DataDir = Annotated[Path, Parameter(name="--data-dir", help="Where everything is kept.")]
DEFAULT = Path("data")


def instance_in(data_dir: Path) -> Instance:
    """The instance in `data_dir`. Raises Refused."""
    instance = find(data_dir)
    if instance is None:
        raise Refused(
            f"There is no platform in {data_dir.resolve()}. Start one with `./mindlyfe up`, or give --data-dir."
        )
    return instance


def running(instance: Instance) -> State | None:
    """What the living supervisor of `instance` says; None when there is none."""
    state = read(instance)
    return state if state and lives(state.supervisor) else None


def required(instance: Instance) -> State:
    """What the living supervisor says. Raises Refused."""
    state = running(instance)
    if state is None:
        raise Refused(f"The platform in {instance.directory} does not run. Start it with `./mindlyfe up`.")
    return state


def configuration() -> Settings:
    """What this process was told by its environment. Raises Refused."""
    try:
        return load()
    except (WrongSetting, OSError) as wrong:
        raise Refused(str(wrong)) from wrong
