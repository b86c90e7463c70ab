"""`demo`: play the platform's main job from outside."""

import asyncio
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from mindlyfe.commands.common import DEFAULT, DataDir, instance_in, required
from mindlyfe.demo import run
from mindlyfe.identity.bootstrap import new_setup_link
from mindlyfe.kernel.config import load
from mindlyfe.stack.instance import Instance
from mindlyfe.stack.options import Refused


def demo(
    *,
    data_dir: DataDir = DEFAULT,
    base_url: str = "",
    mailbox: str = "",
    setup_link: tuple[str, ...] = (),
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Play the platform's main job from outside and show each step. Exit code 0: every step held.

    Parameters
    ----------
    base_url
        A platform elsewhere; without it, the one in --data-dir.
    mailbox
        Where its mail can be read, as `URL/dev/mailbox`; only with --base-url.
    setup_link
        An unused one-time link of the platform elsewhere; give two.
    json
        For programs.
    """
    if base_url:
        if len(setup_link) != 2:
            raise Refused("--base-url needs two unused one-time links: --setup-link LINK --setup-link LINK.")
        links = (setup_link[0], setup_link[1])
        return run(base_url, mailbox or f"{base_url}/dev/mailbox", links, data=None, as_json=json)
    instance = instance_in(data_dir)
    url = required(instance).url
    links = asyncio.run(_new_links(instance))
    return run(url, f"{url}/dev/mailbox", links, data=Path(instance.directory), as_json=json)


async def _new_links(instance: Instance) -> tuple[str, str]:
    settings = load(file=instance.settings)
    return await new_setup_link(settings), await new_setup_link(settings)
