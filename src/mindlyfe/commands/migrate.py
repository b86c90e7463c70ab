"""`migrate`: bring the database to this version."""

import subprocess

from rich.console import Console

from mindlyfe.catalogue import CATALOGUE
from mindlyfe.commands.common import DEFAULT, DataDir, instance_in, running
from mindlyfe.commands.welcome import explain
from mindlyfe.stack import ports
from mindlyfe.stack.instance import held
from mindlyfe.stack.orphans import end_orphans
from mindlyfe.stack.plan import schema_part, server_parts
from mindlyfe.stack.servers import NAMES, servers
from mindlyfe.stack.start import carry_out
from mindlyfe.stack.supervisor import Plan


def migrate(*, data_dir: DataDir = DEFAULT) -> int:
    """Bring the database to this version, running or not. A newer database is refused and left as it is."""
    console = Console()
    instance = instance_in(data_dir)
    contexts = list(CATALOGUE)
    if running(instance):
        code = subprocess.run(list(schema_part(instance, contexts).command()), check=False).returncode
    else:
        with held(instance):
            end_orphans(instance)
            stack = servers(instance, ports.assign(instance, NAMES))
            parts = [part for part in server_parts(stack) if part.name == "postgresql"]
            plan = Plan(parts=[*parts, schema_part(instance, contexts)], mode="migration", url="")
            state = carry_out(instance, plan, until_ready=True)
        code = 1 if state.failure else 0
        if state.failure:
            explain(console, state.failure)
    if code == 0:
        console.print("The database is up to date.")
    return code
