"""An allowance: what a person lets an app do in one organisation, until they take it back."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.kernel.scopes import covered


class Given(Event, frozen=True, tag="allowance.given.v1"):
    """The person allows the app these scopes from now on, and no others."""

    person: PersonId
    app: UUID
    scopes: tuple[str, ...]
    at: Instant


class Withdrawn(Event, frozen=True, tag="allowance.withdrawn.v1"):
    """They took it back."""

    person: PersonId
    app: UUID
    at: Instant


type Change = Given | Withdrawn


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    """What counts now; no scopes after it was taken back."""

    person: PersonId
    app: UUID
    scopes: tuple[str, ...]
    runs: bool = True

    def covers(self, scopes: Sequence[str]) -> bool:
        """Whether the person said yes to all of these before."""
        return self.runs and all(covered(one, self.scopes) for one in scopes)


def evolve(state: Allowance | None, change: Change) -> Allowance:
    """The allowance after `change`."""
    if isinstance(change, Given):
        return Allowance(person=change.person, app=change.app, scopes=change.scopes)
    assert state is not None
    return msgspec.structs.replace(state, scopes=(), runs=False)


def give(state: Allowance | None, wish: Given, *, asked: Sequence[str]) -> Sequence[Change]:
    """Allow these of the scopes that were asked for: the others of them no longer, and what was not asked as before."""
    before = state.scopes if state and state.runs else ()
    refused = [one for one in asked if one not in wish.scopes]
    kept = [one for one in before if not any(covered(no, (one,)) for no in refused)]
    scopes = tuple(dict.fromkeys((*kept, *wish.scopes)))
    return [] if scopes == before else [msgspec.structs.replace(wish, scopes=scopes)]


def withdraw(state: Allowance | None, wish: Withdrawn) -> Sequence[Change]:
    """Take it back. Raises NotFound where nothing is allowed."""
    if state is None or not state.runs:
        raise NotFound
    return [wish]
