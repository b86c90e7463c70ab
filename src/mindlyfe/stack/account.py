"""The operating-system account servers run under: PostgreSQL refuses to be root, so root lends it `nobody`."""

import os
import pwd
from pathlib import Path
from typing import TypedDict


class AccountOptions(TypedDict, total=False):
    """Keyword arguments for subprocess.Popen and asyncio's create_subprocess_exec."""

    user: int
    group: int
    extra_groups: list[int]


def unprivileged() -> AccountOptions:
    """How to start a process that must not be root; empty when we are not root ourselves."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def hand_over(directory: Path) -> None:
    """Make `directory` and all below it belong to the unprivileged account."""
    account = unprivileged()
    if not account:
        return
    for path in (directory, *directory.rglob("*")):
        os.chown(path, account.get("user", -1), account.get("group", -1), follow_symlinks=False)


def reachable(path: Path) -> bool:
    """Whether the unprivileged account can walk to `path`: a checkout under /root is closed to it."""
    if os.geteuid() != 0:
        return True
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)
