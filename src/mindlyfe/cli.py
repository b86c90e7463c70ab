"""The command line. Each command is imported only when it is called, so that help is quick."""

import sys
from collections.abc import Sequence
from typing import Final

from cyclopts import App, Group

DAILY: Final = Group("Run it", sort_key=1)
KEEP: Final = Group("Keep it", sort_key=2)
WORK: Final = Group("Work on it", sort_key=3)
INNER: Final = Group("Its processes", sort_key=4)

COMMANDS: Final = {
    "up": (DAILY, "Start the platform: servers, services and gateway."),
    "down": (DAILY, "Stop the platform."),
    "status": (DAILY, "Show how each part is."),
    "logs": (DAILY, "Show what the parts wrote."),
    "demo": (DAILY, "Play the platform's main job from outside and show each step."),
    "chaos": (WORK, "Kill parts of the running platform while clients book."),
    "migrate": (KEEP, "Bring the database to this version."),
    "backup": (KEEP, "Copy database, objects and wrapped keys into a directory."),
    "restore": (KEEP, "Make a new data directory from a backup."),
    "audit": (KEEP, "Check the audit trail."),
    "dead-letters": (KEEP, "Look at messages that could not be handled, and send them again."),
    "projections": (KEEP, "Compare read models with the log, or fill them anew."),
    "test": (WORK, "Run the tests."),
    "bench": (WORK, "Run a benchmark."),
    "docs": (WORK, "Write the generated documentation."),
    "serve": (INNER, "Serve contexts in this process."),
    "relay": (INNER, "Publish the events of contexts in this process."),
    "mailbox": (INNER, "Run the development mailbox."),
    "phone": (INNER, "Run the development phone."),
}


def app() -> App:
    """The command line interface, with nothing behind it imported yet."""
    cli = App(
        name="mindlyfe",
        help="The open platform that mental-health clinics run themselves.",
        version_flags=["--version"],
    )
    for name, (group, words) in COMMANDS.items():
        place = name.replace("-", "_")
        cli.command(f"mindlyfe.commands.{place}:{place}", name=name, help=words, group=group)
    return cli


def main(words: Sequence[str] | None = None) -> None:
    """Run the command in `words` (default: the process's) and exit with its code."""
    from mindlyfe.stack.instance import AlreadyRunning  # noqa: PLC0415 - help needs none of it
    from mindlyfe.stack.options import Refused  # noqa: PLC0415

    try:
        code = app()(words, result_action="return_value")
    except Refused as refused:
        print(refused, file=sys.stderr)
        sys.exit(2)
    except AlreadyRunning as other:
        print(
            f"Another command is starting or stopping the platform in {other}. Try again in a moment.", file=sys.stderr
        )
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)
