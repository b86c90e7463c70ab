"""`chaos`: kill parts of the running platform while clients book."""

import asyncio
from typing import Annotated

from cyclopts import Parameter

from mindlyfe.chaos import run
from mindlyfe.commands.common import DEFAULT, DataDir, instance_in, required
from mindlyfe.identity.bootstrap import new_setup_link
from mindlyfe.kernel.config import load
from mindlyfe.stack.options import Refused


def chaos(
    *,
    data_dir: DataDir = DEFAULT,
    kills: int = 20,
    seed: int = 1,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Kill parts of the running platform while clients book. Exit code 0: nothing acknowledged was lost.

    Parameters
    ----------
    kills
        How many.
    seed
        Chooses parts and moments.
    json
        For programs.
    """
    instance = instance_in(data_dir)
    state = required(instance)
    if state.mode != "development":
        raise Refused("This platform is live. Chaos is for development mode.")
    link = asyncio.run(new_setup_link(load(file=instance.settings)))
    return run(state.url, instance.directory, link, kills=kills, seed=seed, as_json=json)
