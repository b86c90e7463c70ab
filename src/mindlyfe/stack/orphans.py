"""Processes that a killed supervisor left behind: found by their mark, ended in order."""

import contextlib
import os
import shutil
import signal
import time
from itertools import groupby
from typing import Final

import psutil

from mindlyfe.stack import state
from mindlyfe.stack.instance import Instance

STOP_WITHIN_S: Final = 4.0


def orphans(instance: Instance) -> list[psutil.Process]:
    """The processes whose environment says that they belong to this data directory, and to no other."""
    found = [process for process in psutil.process_iter() if _is_ours(process, instance)]
    # A recorded process that overwrote its environment with a title is still known by its number and start.
    known = {process.pid for process in found}
    last = state.read(instance)
    recorded = [part.process for part in last.parts if part.process] if last else []
    return found + [psutil.Process(one.pid) for one in recorded if one.pid not in known and state.lives(one)]


def end_orphans(instance: Instance) -> list[int]:
    """End what a supervisor that is gone left behind: edge, services, then servers; the numbers of those ended.

    Only call it while holding the instance.
    """
    there = orphans(instance)
    if not there:
        shutil.rmtree(instance.sockets, ignore_errors=True)
        return []
    last = state.read(instance)
    known = {part.process.pid: part for part in (last.parts if last else []) if part.process}
    tier = {process.pid: known[process.pid].tier if process.pid in known else 1 for process in there}
    for _, group in groupby(sorted(there, key=lambda p: -tier[p.pid]), key=lambda p: tier[p.pid]):
        processes = list(group)
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(known[process.pid].stop_signal if process.pid in known else signal.SIGTERM)
        for process in _remaining(processes, STOP_WITHIN_S):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        _remaining(processes, 1)
    shutil.rmtree(instance.sockets, ignore_errors=True)
    return [process.pid for process in there]


def _remaining(processes: list[psutil.Process], within_s: float) -> list[psutil.Process]:
    """Those that still run after `within_s`; psutil's own wait looks but once a second."""
    deadline = time.monotonic() + within_s
    while there := [process for process in processes if _runs(process)]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.02)
    return there


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _is_ours(process: psutil.Process, instance: Instance) -> bool:
    if process.pid == os.getpid():
        return False
    try:
        environment = process.environ()
    except psutil.Error:
        return False
    return all(environment.get(name) == value for name, value in instance.mark.items())
