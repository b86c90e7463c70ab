"""Ports: free ones, remembered per data directory, so that two instances run side by side."""

import socket
from collections.abc import Sequence
from pathlib import Path
from secrets import SystemRandom

import msgspec

from mindlyfe.stack.instance import Instance, replace

LOWEST, HIGHEST = 15_000, 32_000
"""Below the range the system takes for outgoing connections, which could be using a port while its server restarts."""


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def assign(instance: Instance, names: Sequence[str]) -> dict[str, int]:
    """A port for each name: the one it had if that is still free, else another."""
    known = assigned(instance)
    for name in names:
        taken = {port for other, port in known.items() if other != name}
        if name not in known or known[name] in taken or not is_free(known[name]):
            known[name] = _another(taken)
    replace(_file(instance), msgspec.json.encode(known))
    return {name: known[name] for name in names}


def assigned(instance: Instance) -> dict[str, int]:
    """The ports this instance runs on, or last ran on."""
    file = _file(instance)
    return msgspec.json.decode(file.read_bytes(), type=dict[str, int]) if file.exists() else {}


def free_port() -> int:
    """A port nobody listens on."""
    return _another(set())


def suggest(port: int, host: str = "127.0.0.1") -> int:
    """The next free port after a taken one."""
    return next(other for other in range(port + 1, 65_536) if is_free(other, host))


def listener(port: int) -> str:
    """Who listens on `port`, for a message: the program and its number, as far as we may know."""
    import psutil  # noqa: PLC0415 - only for a message

    for process in psutil.process_iter(["pid", "name"]):
        try:
            if any(c.laddr.port == port and c.status == psutil.CONN_LISTEN for c in process.net_connections("tcp")):
                return f"{process.info['name']} (process {process.info['pid']})"
        except psutil.Error:
            continue
    return "another program"


def _file(instance: Instance) -> Path:
    return instance.run / "ports.json"


def _another(taken: set[int]) -> int:
    for port in SystemRandom().sample(range(LOWEST, HIGHEST), HIGHEST - LOWEST):
        if port not in taken and is_free(port):
            return port
    raise RuntimeError(f"no port between {LOWEST} and {HIGHEST} is free")
