"""`up`: start the platform, show how it comes up, say where to go."""

import os
import signal
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import Console

from mindlyfe.commands.common import DEFAULT, DataDir, running
from mindlyfe.commands.progress import follow
from mindlyfe.commands.welcome import explain, welcome
from mindlyfe.stack.instance import Instance, make
from mindlyfe.stack.options import Options
from mindlyfe.stack.start import clear_the_way, contexts, detach, supervise
from mindlyfe.stack.state import State


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """What `up` may be told."""

    port: Annotated[int, Parameter(help="Where the gateway answers.")] = 8080
    detach: Annotated[
        bool,
        Parameter(name=["--detach", "-d"], negative="", help="Return once it is ready; stop it with `down`."),
    ] = False
    only: Annotated[str, Parameter(help="Contexts to run, separated by commas; all without it.")] = ""
    apart: Annotated[bool, Parameter(negative="", help="A process per context instead of one for all.")] = False
    seed: Annotated[
        Literal["demo"] | None, Parameter(help="Make the demo clinic, and print its people's passwords once.")
    ] = None
    production: Annotated[
        bool,
        Parameter(negative="", help="Neither mailbox nor demo people; needs a mail server in MINDLYFE_MAIL__HOST."),
    ] = False
    bind: Annotated[str, Parameter(help="The address to answer on; other than loopback it needs TLS.")] = "127.0.0.1"
    domain: Annotated[str, Parameter(help="The name browsers use, with --tls-cert and --tls-key.")] = ""
    tls_cert: Annotated[str, Parameter(help="Certificate chain, PEM file; read again when it is replaced.")] = ""
    tls_key: Annotated[str, Parameter(help="Private key, PEM file.")] = ""

    @property
    def options(self) -> Options:
        """The same for the supervisor."""
        return Options(
            port=self.port,
            bind=self.bind,
            domain=self.domain,
            tls_cert=self.tls_cert and str(Path(self.tls_cert).resolve()),
            tls_key=self.tls_key and str(Path(self.tls_key).resolve()),
            production=self.production,
            apart=self.apart,
            only=tuple(filter(None, self.only.split(","))),
            seed=self.seed or "",
        )


def up(*, data_dir: DataDir = DEFAULT, flags: Flags = Flags()) -> int:
    """Start the platform: servers, services and gateway.

    Development mode on loopback, with a mailbox for all mail it sends, unless --production or another --bind is given.
    """
    instance = make(data_dir)
    console = Console()
    there = running(instance)
    if there:
        console.print(f"It already runs: {there.url} ({there.phase}). Stop it with `./mindlyfe down`.")
        return 0 if there.phase == "ready" else 1
    options = flags.options
    clear_the_way(instance, options)
    begin = _detached if flags.detach else _in_foreground
    return begin(console, instance, options)


def _detached(console: Console, instance: Instance, options: Options) -> int:
    child = detach(instance, options, contexts(options))
    try:
        state = follow(console, instance, child.pid, lambda: child.poll() is None)
    except KeyboardInterrupt:
        child.send_signal(signal.SIGTERM)
        child.wait()
        console.print("Stopped.")
        return 130
    return _report(console, instance, options, state)


def _in_foreground(console: Console, instance: Instance, options: Options) -> int:
    ended = threading.Event()

    def show() -> None:
        state = follow(console, instance, os.getpid(), lambda: not ended.is_set())
        if state and state.phase == "ready":
            welcome(console, instance, options, state)
            console.print("Ctrl-C stops it.")

    display = threading.Thread(target=show)
    display.start()
    try:
        state = supervise(instance, options, contexts(options))
    finally:
        ended.set()
        display.join()
    if state.failure:
        explain(console, state.failure)
        return 1
    console.print("Stopped.")
    return 0


def _report(console: Console, instance: Instance, options: Options, state: State | None) -> int:
    if state and state.phase == "ready":
        welcome(console, instance, options, state)
        return 0
    if state and state.failure:
        explain(console, state.failure)
    else:
        console.print(f"The supervisor ended; {instance.logs / 'supervisor.log'} says why.")
    return 1
