"""`backup`: copy database, objects and wrapped keys into a directory."""

import os
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from mindlyfe.catalogue import CATALOGUE
from mindlyfe.commands.common import DEFAULT, DataDir, instance_in, required
from mindlyfe.kernel.root_key import export_root_key
from mindlyfe.stack.backup import BackupFailed, back_up
from mindlyfe.stack.instance import Instance
from mindlyfe.stack.options import Refused

RootKeyFile = Annotated[str, Parameter(name="--root-key-file")]


def backup(directory: Path, *, data_dir: DataDir = DEFAULT, root_key_file: RootKeyFile = "") -> None:
    """Copy database, objects and wrapped keys into a directory, while the platform runs.

    The root key is not in it: without that key the copy cannot be read, with both it can. Keep them apart.

    Parameters
    ----------
    directory
        New or empty.
    root_key_file
        Write the root key to this new file as well, or `-` to print it.
    """
    instance = instance_in(data_dir)
    required(instance)
    if root_key_file not in ("", "-") and Path(root_key_file).resolve().is_relative_to(directory.resolve()):
        raise Refused("--root-key-file must not lie in the backup: whoever finds one would have both.")
    console = Console()
    try:
        with console.status("Copying…"):
            made = back_up(instance, directory, list(CATALOGUE))
    except FileExistsError:
        raise Refused(f"{directory} is not empty. Name a new directory for each backup.") from None
    except BackupFailed as wrong:
        raise Refused(f"The backup was not finished: {wrong}") from wrong
    size = sum(file.bytes for file in made.files)
    console.print(
        f"Backed up to {directory}: {len(made.files)} files, {size / 1e6:.1f} MB, {len(made.objects)} objects."
    )
    if root_key_file:
        _export(instance, root_key_file)
    else:
        console.print("The root key is not in it. Keep a copy of it elsewhere: --root-key-file FILE, or - to print it.")


def _export(instance: Instance, file: str) -> None:
    key = export_root_key(instance.root_key)
    if file == "-":
        print(key)
        return
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(
            f"{file} is there already; the root key was not written. The backup itself is complete."
        ) from None
    with os.fdopen(descriptor, "w") as out:
        out.write(key + "\n")
    print(f"The root key is in {file}. Keep it apart from the backup.", file=sys.stderr)
