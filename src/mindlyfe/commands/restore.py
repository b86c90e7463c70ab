"""`restore`: make a new data directory from a backup."""

import getpass
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from mindlyfe.catalogue import CATALOGUE
from mindlyfe.commands.backup import RootKeyFile
from mindlyfe.commands.common import DEFAULT, DataDir
from mindlyfe.commands.welcome import explain
from mindlyfe.kernel.root_key import import_root_key
from mindlyfe.kernel.secrecy import WrongRootKey
from mindlyfe.stack import configuration, manifest, ports
from mindlyfe.stack.backup import fingerprint
from mindlyfe.stack.instance import Instance, held, make
from mindlyfe.stack.manifest import BadBackup, Manifest
from mindlyfe.stack.options import Options, Refused, mark_seeded
from mindlyfe.stack.plan import restore_part, server_parts
from mindlyfe.stack.servers import NAMES, servers
from mindlyfe.stack.start import carry_out
from mindlyfe.stack.state import State
from mindlyfe.stack.supervisor import Plan


def restore(
    directory: Path, *, data_dir: DataDir = DEFAULT, root_key_file: RootKeyFile = "", erasures: tuple[Path, ...] = ()
) -> int:
    """Make a new data directory from a backup. Who was erased since is erased again, before anybody can come in.

    Backups tell who was erased until they were made: this one, and later ones that lie beside it.

    Parameters
    ----------
    directory
        What `backup` wrote.
    root_key_file
        The exported root key; asked for without it.
    erasures
        Later backups that lie elsewhere, to learn from them who was erased since.
    """
    console = Console()
    if data_dir.exists() and any(data_dir.iterdir()):
        raise Refused(f"{data_dir} is not empty. Restore into a new --data-dir; nothing there is ever overwritten.")
    described = _checked(console, directory)
    key = _asked_for(root_key_file)
    instance = make(data_dir)
    try:
        _import(instance, key, described)
        if described.demo:
            mark_seeded(instance)
        with console.status("Restoring…"):
            state = _run(instance, directory, erasures)
    except BaseException:
        shutil.rmtree(instance.directory)
        raise
    if state.failure or state.ready_after_s is None:
        if state.failure:
            explain(console, state.failure)
        shutil.rmtree(instance.directory)
        return 1
    _say(console, described, data_dir)
    return 0


def _checked(console: Console, directory: Path) -> Manifest:
    """The backup's description. Raises Refused."""
    try:
        with console.status("Checking the backup…"):
            described = manifest.read(directory)
    except BadBackup as bad:
        raise Refused(str(bad)) from bad
    unknown = sorted(set(described.contexts) - set(CATALOGUE))
    if unknown:
        raise Refused(f"The backup has contexts this version does not know: {', '.join(unknown)}. Use a newer version.")
    return described


def _say(console: Console, described: Manifest, data_dir: Path) -> None:
    """Where to go on, and what no backup can know."""
    console.print(
        f"Backups tell who was erased until they were made. Somebody erased after the newest of them (this one: "
        f"{described.made_at:%Y-%m-%d %H:%M} UTC) is back, and must be erased again."
    )
    console.print(f"Restored into {data_dir}. Start it with `./mindlyfe up --data-dir {data_dir}`.")


def _asked_for(file: str) -> str:
    if file and file != "-":
        try:
            return Path(file).read_text()
        except OSError as wrong:
            raise Refused(f"The root key cannot be read: {wrong}") from wrong
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    return getpass.getpass("Root key (fourteen groups of four letters; not shown): ")


def _import(instance: Instance, key: str, described: Manifest) -> None:
    try:
        import_root_key(instance.root_key, key)
    except WrongRootKey as wrong:
        raise Refused(f"{wrong}. Nothing was restored.") from wrong
    if fingerprint(instance.root_key) != described.root_key:
        raise Refused("This is not the root key the backup was made with. Nothing was restored.")


def _run(instance: Instance, directory: Path, later: Sequence[Path]) -> State:
    with held(instance):
        stack = servers(instance, ports.assign(instance, NAMES))
        configuration.write(instance, configuration.settings(instance, Options(), stack, None))
        parts = [part for part in server_parts(stack) if part.name in ("postgresql", "seaweedfs")]
        plan = Plan(parts=[*parts, restore_part(instance, directory, later)], mode="restore", url="")
        return carry_out(instance, plan, until_ready=True)
