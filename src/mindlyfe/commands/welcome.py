"""What `up` says at the end: where to go, what to keep safe, or why it did not start."""

from subprocess import CalledProcessError

from rich.console import Console
from rich.markup import escape

from mindlyfe.commands.first_link import first_link
from mindlyfe.stack.instance import Instance
from mindlyfe.stack.options import Options
from mindlyfe.stack.state import Failure, State


def welcome(console: Console, instance: Instance, options: Options, state: State) -> None:
    """Say where the platform is and what its people need to know."""
    lines = [f"[bold]MindLyfe is ready[/] at [bold cyan]{state.url}[/]  [dim]after {state.ready_after_s:.1f} s[/]"]
    if options.mode == "development":
        lines += [
            "[black on yellow] DEVELOPMENT MODE [/] on this machine alone. No message leaves it: everybody's are at",
            f"  {state.url}/dev/mailbox and {state.url}/dev/phone",
        ]
    lines += [
        f"Root key: {instance.root_key}",
        "  Without it a backup cannot be read. Keep a copy elsewhere: `./mindlyfe backup` writes one where you say.",
        f"Logs: {instance.logs} or `./mindlyfe logs`. How it is: `./mindlyfe status`.",
    ]
    lines += [f"[yellow]{escape(warning)}[/]" for warning in state.warnings]
    console.print("", *lines, "", sep="\n", soft_wrap=True)
    if options.seed:
        from mindlyfe.commands.seeding import fill  # noqa: PLC0415 - a client and its libraries, for this alone

        fill(console, instance, state.url)
    else:
        _invite(console, instance, options)


def _invite(console: Console, instance: Instance, options: Options) -> None:
    """While there is no clinic: the link by which whoever started this opens the first."""
    if options.only and "identity" not in options.only:
        return
    try:
        link = first_link(instance)
    except CalledProcessError as wrong:
        console.print(f"[yellow]The link for the first clinic could not be made:[/] {escape(wrong.stderr)}")
        return
    if link:
        console.print(
            "There is no clinic yet. Open the first one, and become its administrator, with this link (once):"
        )
        console.print(f"  [bold cyan]{escape(link)}[/]", soft_wrap=True)
        console.print(
            "Then sign in and add a second factor, on the page that offers it: without one, staff invite nobody"
        )
        console.print("and reach nothing that is about patients.")


def explain(console: Console, failure: Failure) -> None:
    """Say why the platform did not start and what to do."""
    console.print(f"[red bold]It did not start:[/] {escape(failure.part)} {escape(failure.reason)}", soft_wrap=True)
    for line in failure.lines:
        console.print(f"  [dim]{escape(line)}[/]", soft_wrap=True)
    console.print(escape(failure.advice), soft_wrap=True)
