"""What an app may do for a person, as SMART App Launch 2 writes it: `patient/Appointment.rs`, `user/*.r`, `openid`.

A route names what it needs without the context: `Appointment.r`. `user/` opens it with all the roles of the person,
`patient/` with the role patient alone: what is their own. Words such as `openid` are matched as they are.
"""

import re
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple, cast

from mindlyfe.kernel.messages import Role

type Context = Literal["patient", "user"]

OWN: Final[frozenset[Role]] = frozenset({"patient"})
"""What `patient/` leaves of somebody's roles."""
_SCOPE: Final = re.compile(r"(patient|user)/(\*|[A-Z][A-Za-z]{1,63})\.(?=[cruds])(c?r?u?d?s?)")
_NEED: Final = re.compile(r"([A-Z][A-Za-z]{1,63})\.(?=[cruds])(c?r?u?d?s?)")


class Access(NamedTuple):
    """A scope on data: on whose, on which kind (`*`: on all), and to create, read, update, delete, search."""

    context: Context
    resource: str
    letters: frozenset[str]

    def opens(self, resource: str) -> bool:
        """Whether it says something about this kind of data."""
        return self.resource in {"*", resource}


def access(scope: str) -> Access | None:
    """A scope on data, read; None for another word. Letters come in the order c, r, u, d, s, at least one."""
    found = _SCOPE.fullmatch(scope)
    if found is None:
        return None
    return Access(cast("Context", found[1]), found[2], frozenset(found[3]))


def counted(needed: str | None, held: Iterable[str], roles: frozenset[Role]) -> frozenset[Role]:
    """The roles of a person that count where `needed` is the scope of a route; none: the app does not come in."""
    held = frozenset(held)
    if needed is None:
        return frozenset()
    data = _NEED.fullmatch(needed)
    if data is None:
        return roles if needed in held else frozenset()
    wanted = frozenset(data[2])
    if wanted <= _letters("user", data[1], held):
        return roles
    return roles & OWN if wanted <= _letters("patient", data[1], held) else frozenset()


def covered(scope: str, held: Iterable[str]) -> bool:
    """Whether whoever has `held` has `scope` already: as it is, or by a wider one."""
    held = frozenset(held)
    if scope in held:
        return True
    asked = access(scope)
    return asked is not None and asked.letters <= _letters(asked.context, asked.resource, held)


def _letters(context: Context, resource: str, held: frozenset[str]) -> frozenset[str]:
    """What `held` says may be done with data of this kind; nothing for an empty need."""
    found = [one for scope in held if (one := access(scope)) and one.context == context and one.opens(resource)]
    return frozenset[str]().union(*(one.letters for one in found))
