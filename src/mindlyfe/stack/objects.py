"""A step of the first start: the bucket that holds the objects."""

import asyncio
import sys
from pathlib import Path

from mindlyfe.kernel.config import load
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.objects import Objects
from mindlyfe.stack.instance import Instance, find


def make_bucket(instance: Instance) -> None:
    """Make the bucket of the running `instance` unless it is there. Raises Unavailable."""
    asyncio.run(Objects(load(file=instance.settings).objects).make_bucket())


def main(directory: str) -> int:
    """Run the step for the data directory; the exit code."""
    instance = find(Path(directory))
    if instance is None:
        print(f"{directory} is not a data directory", file=sys.stderr)
        return 2
    try:
        make_bucket(instance)
    except Unavailable as silent:
        print(silent, file=sys.stderr)
        return 1
    (instance.run / "bucket").touch()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
