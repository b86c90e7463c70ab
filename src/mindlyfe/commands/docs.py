"""`docs`: write the generated documentation."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from mindlyfe.commands.test import ROOT
from mindlyfe.documents import generated

Check = Annotated[bool, Parameter(negative="")]


def docs(*, check: Check = False, directory: Path = ROOT / "docs") -> int:
    """Write the generated documentation: permission matrix, context map, API of each context.

    Parameters
    ----------
    check
        Only say whether it is up to date. Exit code 1: it is not.
    directory
        Where it goes.
    """
    console = Console()
    stale = [
        (directory / path, text)
        for path, text in generated().items()
        if not (directory / path).exists() or (directory / path).read_text() != text
    ]
    for path, text in stale:
        if check:
            console.print(f"{path} is stale; run `./mindlyfe docs`.")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            console.print(f"Wrote {path}.")
    return 1 if check and stale else 0
