"""What `up` was asked for, and what it refuses."""

from ipaddress import ip_address
from pathlib import Path
from typing import Literal

import msgspec

from mindlyfe.stack.instance import Instance
from mindlyfe.stack.ports import is_free, listener, suggest


class Refused(Exception):
    """What was asked for cannot be done; the words say why and what to do."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The flags of `up`."""

    port: int = 8080
    bind: str = "127.0.0.1"
    domain: str = ""
    tls_cert: str = ""
    tls_key: str = ""
    production: bool = False
    apart: bool = False
    only: tuple[str, ...] = ()
    seed: str = ""

    @property
    def mode(self) -> Literal["development", "production"]:
        """Development on loopback alone: it has a mailbox anybody can read."""
        return "production" if self.production or not _is_loopback(self.bind) else "development"

    @property
    def url(self) -> str:
        """Where browsers go. `localhost` by name: passkeys do not work on an address."""
        scheme, usual = ("https", 443) if self.tls_cert else ("http", 80)
        return f"{scheme}://{self.domain or 'localhost'}{'' if self.port == usual else f':{self.port}'}"


def check(options: Options, instance: Instance, *, mail_host: str, known: frozenset[str]) -> None:
    """Refuse what is unsafe or cannot work, before anything starts. `mail_host` is the configured SMTP server.

    Raises Refused.
    """
    _check_bind(options)
    _check_tls(options)
    unknown = sorted(set(options.only) - known)
    if unknown:
        raise Refused(f"--only: there is no context {', '.join(unknown)}; there are {', '.join(sorted(known))}.")
    if options.mode == "production":
        _check_production(instance, mail_host, options.seed)
    if not is_free(options.port, options.bind):
        raise Refused(
            f"Port {options.port} is in use by {listener(options.port)}. "
            f"Stop it, or choose another: --port {suggest(options.port, options.bind)}"
        )


def seeded(instance: Instance) -> Path:
    """The file that marks a directory with demo people, whose passwords were printed."""
    return instance.directory / "DEMO"


def mark_seeded(instance: Instance) -> None:
    """From now on this directory can never go live."""
    seeded(instance).write_text("This directory has demo people, whose passwords were printed. It cannot go live.\n")


def _check_bind(options: Options) -> None:
    try:
        ip_address(options.bind)
    except ValueError:
        raise Refused(f"--bind {options.bind}: give an IP address, e.g. 0.0.0.0 for all interfaces.") from None


def _check_tls(options: Options) -> None:
    given = [options.domain, options.tls_cert, options.tls_key]
    if any(given) and not all(given):
        raise Refused("TLS needs all three: --domain NAME --tls-cert FILE --tls-key FILE.")
    if not any(given) and not _is_loopback(options.bind):
        raise Refused(
            f"--bind {options.bind}: plain HTTP is answered on loopback only, since health data must not cross a "
            "network in the clear. Add --domain NAME --tls-cert FILE --tls-key FILE."
        )
    for file in filter(None, given[1:]):
        if not Path(file).is_file():
            raise Refused(f"{file} is not there; it must be a PEM file.")


def _check_production(instance: Instance, mail_host: str, seed: str) -> None:
    if seeded(instance).exists() or seed:
        raise Refused(
            f"{instance.directory} holds demo people, whose passwords were printed: it can never go live. "
            "Use another --data-dir."
        )
    if not mail_host:
        raise Refused(
            "Production mode has no development mailbox, and no mail server is set: nobody could verify their address. "
            "Set MINDLYFE_MAIL__HOST (and MINDLYFE_MAIL__PORT, __USER, __PASSWORD_FILE, __SECURITY, __SENDER)."
        )


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
