"""The scopes apps can have: each opens something that exists, and says so in plain words."""

from collections.abc import Mapping
from typing import Final

from mindlyfe.identity.domain.app_refusals import InvalidScope
from mindlyfe.kernel.scopes import access

WORDS: Final[Mapping[str, str]] = {
    "openid": "Know that it is you who signs in",
    "profile": "See your name, your language and your time zone",
    "email": "See your e-mail address",
    "offline_access": "Stay connected when you do not use it",
    "launch/patient": "Know which patient record is yours",
    "fhirUser": "Know which record of the clinic is about you",
}
KINDS: Final[Mapping[str, str]] = {
    "Appointment": "appointments",
    "Slot": "times that can be booked",
    "*": "all that apps can reach",
}
READING: Final = frozenset("rs")
"""Nothing that an app may change is offered yet."""
SUPPORTED: Final = (*WORDS, *(f"{context}/{kind}.rs" for context in ("patient", "user") for kind in KINDS))
"""What the discovery documents list; narrower letters work, too."""


def known(scope: str) -> bool:
    """Whether it opens something."""
    data = access(scope)
    return scope in WORDS or (data is not None and data.resource in KINDS and data.letters <= READING)


def meaning(scope: str) -> str:
    """What a person allows with it."""
    data = access(scope)
    if data is None:
        return WORDS.get(scope, scope)
    verb = {"r": "Open", "s": "List"}.get("".join(data.letters), "See")
    if data.resource == "*":
        return f"{verb} {KINDS['*']}, {'of your own data' if data.context == 'patient' else 'of what you may see'}"
    whose = "your own " if data.context == "patient" else ""
    suffix = "" if data.context == "patient" else " you may see"
    return f"{verb} {whose}{KINDS.get(data.resource, data.resource)}{suffix}"


def listed(text: str) -> tuple[str, ...]:
    """The scopes in a text, each once, in their order. Raises InvalidScope for one that is none of ours."""
    scopes = tuple(dict.fromkeys(text.split(" "))) if text else ()
    if not all(known(one) for one in scopes):
        raise InvalidScope
    return scopes
