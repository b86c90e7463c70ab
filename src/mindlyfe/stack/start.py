"""Starts the supervisor: in this process, or in one of its own."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

import msgspec

from mindlyfe.catalogue import CATALOGUE
from mindlyfe.stack.instance import Instance, held
from mindlyfe.stack.logs import log_file
from mindlyfe.stack.options import Options, check
from mindlyfe.stack.orphans import end_orphans
from mindlyfe.stack.plan import plan
from mindlyfe.stack.state import State
from mindlyfe.stack.supervisor import Plan, Supervisor


def contexts(options: Options) -> list[str]:
    """Those to run, in the order of the catalogue."""
    return [name for name in CATALOGUE if not options.only or name in options.only]


def clear_the_way(instance: Instance, options: Options) -> None:
    """End what a killed supervisor left, then refuse what cannot work. Raises Refused, AlreadyRunning."""
    with held(instance):
        end_orphans(instance)
        mail_host = os.environ.get("MINDLYFE_MAIL__HOST", "")
        check(options, instance, mail_host=mail_host, known=frozenset(CATALOGUE))


def supervise(instance: Instance, options: Options, running: Sequence[str]) -> State:
    """Run the platform until it is told to stop; the last state. Raises AlreadyRunning."""
    with held(instance):
        return carry_out(instance, plan(instance, options, running))


def carry_out(instance: Instance, what: Plan, *, until_ready: bool = False) -> State:
    """Run `what` in the instance, which the caller holds, and leave nothing behind; the last state."""
    try:
        return asyncio.run(Supervisor(instance, what, until_ready=until_ready).run())
    finally:
        shutil.rmtree(instance.sockets, ignore_errors=True)


def detach(instance: Instance, options: Options, running: Sequence[str]) -> "subprocess.Popen[bytes]":
    """Start the supervisor in a process that outlives this one."""
    words = [str(instance.directory), msgspec.json.encode(options).decode(), *running]
    with log_file(instance, "supervisor").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "mindlyfe.stack", *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=instance.directory,
            start_new_session=True,
        )
