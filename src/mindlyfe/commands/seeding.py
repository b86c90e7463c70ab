"""`up --seed demo`: fills a new data directory with the demo clinic, and prints its passwords once."""

from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mindlyfe.commands.first_link import first_link
from mindlyfe.demo.seed import NAME, seed
from mindlyfe.stack.instance import Instance
from mindlyfe.stack.options import mark_seeded, seeded

WIDE: Final = 160


def fill(console: Console, instance: Instance, url: str) -> None:
    """Make the demo clinic in the running `instance` and say who can sign in, unless that was done before."""
    if seeded(instance).exists():
        console.print(f"{NAME} is there already; its passwords were printed when it was made.")
        return
    link = first_link(instance)
    if not link:
        console.print("[yellow]There is a clinic already: the demo clinic is only made in a new --data-dir.[/]")
        return
    # Marked before the first password exists: this directory can never go live.
    mark_seeded(instance)
    table = Table("name", "role", "e-mail", "password", "authenticator key", box=None, pad_edge=False)
    try:
        with console.status(f"Making {NAME}…"):
            for person in seed(url, link):
                table.add_row(person.name, person.role, person.email, escape(person.password), person.key)
    except AssertionError as refused:
        console.print(f"[red]The demo clinic was not finished:[/] {escape(str(refused))}", soft_wrap=True)
        console.print("Try again with a new --data-dir.")
    console.print(f"[bold]DEMO: {NAME}.[/] Everybody who can sign in; printed this once:")
    console.print("Staff signs in with a code, too: put the key into an authenticator app (TOTP).")
    # As wide as it is, whatever the window: an address or a key cut short is of no use.
    Console(file=console.file, width=WIDE).print(table, crop=False, soft_wrap=True)
