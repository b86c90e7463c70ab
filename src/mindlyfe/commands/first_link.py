"""A step after the start: prints the one-time link for the first clinic, or nothing once there is a clinic."""

import asyncio
import subprocess
import sys
from pathlib import Path

from mindlyfe.stack.instance import Instance, find


def first_link(instance: Instance) -> str:
    """The link for the first clinic of the running `instance`; empty once there is one. Asked in a process of its own.

    Raises subprocess.CalledProcessError.
    """
    opened = instance.run / "opened"
    if opened.exists():
        return ""
    words = [sys.executable, "-m", "mindlyfe.commands.first_link", str(instance.directory)]
    link = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
    if not link:
        opened.touch()
    return link


def main(directory: str) -> int:
    """Print the link; the exit code."""
    from mindlyfe.identity.bootstrap import setup_link  # noqa: PLC0415 - the other function must stay light
    from mindlyfe.kernel.config import load  # noqa: PLC0415

    instance = find(Path(directory))
    if instance is None:
        print(f"{directory} is not a data directory", file=sys.stderr)
        return 2
    print(asyncio.run(setup_link(load(file=instance.settings))) or "")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
