"""A flag as its context declares it: what a clinic may switch, and what nobody may make into a switch."""

import re
from dataclasses import dataclass
from typing import Final

type Value = bool | str

NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")
SENTENCE: Final = re.compile(r"[A-Z].{10,198}[.]")
SAFETY: Final = (
    "aal",
    "access",
    "age",
    "alarm",
    "alert",
    "assurance",
    "audit",
    "authoriz",
    "consent",
    "crisis",
    "duty",
    "encrypt",
    "erasure",
    "escalat",
    "factor",
    "glass",
    "guardian",
    "hold",
    "isolation",
    "lock",
    "minor",
    "password",
    "permission",
    "policy",
    "privacy",
    "retention",
    "revo",
    "risk",
    "role",
    "safe",
    "seal",
    "sign-in",
    "step-up",
    "suicid",
    "supervis",
    "tenant",
    "verif",
)
"""How words begin that name a control of safety or security. Such a thing is a rule in the code, never a flag."""


@dataclass(frozen=True, slots=True)
class Flag[V: (bool, str)]:
    """Something of a context that a clinic, or the region for all, may switch: by yes and no, or by a text.

    Raises ValueError for a name that is none, for words that are no sentence, and for a control of safety.
    """

    name: str
    does: str
    """What it does, in one sentence, for administrators."""
    default: V
    """What holds where nobody has set it, and while the database was never there to ask; its type is the flag's."""

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no name for a flag")
        if not SENTENCE.fullmatch(self.does):
            raise ValueError(f"say in one sentence what {self.name} does")
        if found := controls(f"{self.name} {self.does}"):
            raise ValueError(f"{self.name} is a control of safety, and no flag: {', '.join(found)}")

    def fits(self, value: object) -> bool:
        """Whether it can have this value: a number is no yes, and a text that says so neither."""
        return type(value) is type(self.default)


def controls(words: str) -> list[str]:
    """The words that name a control of safety."""
    spoken = re.findall(r"[a-z]+(?:-[a-z]+)*", words.lower())
    parts = [part for word in spoken for part in (word, *word.split("-"))]
    return sorted({part for part in parts if part.startswith(SAFETY)})
