"""Who may do what to whose data: typed rules, and one decision that looks nothing up. What no rule allows is denied.

A rule names the relations that must hold at once, the roles, the actions and the classes of data. A context decides
with the facts at hand: `Thing`, what is touched, and `Ties`, what binds the asker to its subject.
"""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import Final, Literal, get_args
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import AssuranceTooLow, DomainError, Forbidden, NotFound
from mindlyfe.kernel.messages import Instant, PersonId, Principal, Role, TenantId
from mindlyfe.kernel.roles import CLINICIANS

type Action = Literal["read", "write", "export", "analyse"]
type DataClass = Literal["logistics", "demographics", "clinical", "psychotherapy-note"]
type Kind = Literal["care", "supervision", "break-glass"]
"""Of a tie: it runs for a time."""
type Relation = Literal["self", "party", "clinic"] | Kind
"""Their own data; they take part in it or wrote it; they work at the clinic whose it is; or a tie that runs."""
type Lack = Literal["relation", "assurance", "consent"]


class ConsentMissing(Forbidden):
    """The person has not consented to this."""

    code = "consent-missing"
    advice = "Ask the person for their consent first."


class Tie(msgspec.Struct, frozen=True, gc=False):
    """What binds somebody to a person, from `since` until before `until`."""

    kind: Kind
    since: Instant
    until: Instant | None = None


class Ties(msgspec.Struct, frozen=True):
    """All that binds the asker to the subject, past and to come too, and what the subject consents to now."""

    ties: tuple[Tie, ...] = ()
    consents: frozenset[str] = frozenset()


NO_TIES: Final = Ties()


class Thing(msgspec.Struct, frozen=True):
    """What is touched: whose it is, in which clinic, how sensitive, and who else takes part in it or wrote it."""

    tenant: TenantId
    subject: PersonId
    of: DataClass
    parties: tuple[UUID, ...] = ()


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Allows, when all of `relations` hold, any of `roles`, the session is of `aal` and the subject consents."""

    relations: tuple[Relation, ...]
    roles: frozenset[Role]
    actions: frozenset[Action]
    classes: frozenset[DataClass]
    aal: int = 1
    consent: str | None = None
    """The purpose for which the subject's consent must run."""


class Verdict(msgspec.Struct, frozen=True):
    """Whether it is allowed, by which relations; or the nearest thing that lacks."""

    allowed: bool
    by: tuple[Relation, ...] = ()
    lacks: Lack | None = None

    @property
    def tied(self) -> bool:
        """Whether a tie to the subject allows it: employment and an id say nothing of whether the subject is here."""
        return not _TIED.isdisjoint(self.by)

    @property
    def refusal(self) -> type[DomainError]:
        """What a denial is to the asker: who has no relation learns not even that the thing is there."""
        match self.lacks:
            case "assurance":
                return AssuranceTooLow
            case "consent":
                return ConsentMissing
            case _:
                return NotFound


_TIED: Final[frozenset[Relation]] = frozenset(get_args(Kind.__value__))
UNRELATED: Final = Verdict(allowed=False, lacks="relation")
TOO_LOW: Final = Verdict(allowed=False, lacks="assurance")
NO_CONSENT: Final = Verdict(allowed=False, lacks="consent")


type _Line = tuple[Set[Relation], frozenset[Role], int, str | None, Verdict]


class Policy:
    """The rules of one context, by what they allow. Raises ValueError for a rule that nobody may write."""

    def __init__(self, *rules: Rule) -> None:
        self.rules: Sequence[Rule] = rules
        found: dict[tuple[Action, DataClass], list[_Line]] = {}
        for rule in rules:
            _refuse_unsound(rule)
            allowed = Verdict(allowed=True, by=rule.relations)
            for action in rule.actions:
                for kind in rule.classes:
                    line = (frozenset(rule.relations), rule.roles, rule.aal, rule.consent, allowed)
                    found.setdefault((action, kind), []).append(line)
        self._lines: Mapping[tuple[Action, DataClass], Sequence[_Line]] = found

    def decide(self, who: Principal, action: Action, thing: Thing, ties: Ties, now: datetime) -> Verdict:
        """Whether `who` may do it now. Pure; denied unless a rule allows it, and in another clinic always."""
        lines = self._lines.get((action, thing.of))
        if lines is None or who.tenant != thing.tenant:
            return UNRELATED
        held, roles, denied = _held(who.id, thing, ties, now), who.roles, UNRELATED
        for relations, having, aal, consent, allowed in lines:
            if not relations <= held or having.isdisjoint(roles):
                continue
            if who.aal < aal:
                denied = TOO_LOW
            elif consent is not None and consent not in ties.consents:
                denied = NO_CONSENT if denied is UNRELATED else denied
            else:
                return allowed
        return denied

    def require(self, who: Principal, action: Action, thing: Thing, ties: Ties, now: datetime) -> None:
        """Raises NotFound, AssuranceTooLow or ConsentMissing unless `who` may do it now."""
        verdict = self.decide(who, action, thing, ties, now)
        if not verdict.allowed:
            raise verdict.refusal


def _held(person: PersonId, thing: Thing, ties: Ties, now: datetime) -> Set[Relation]:
    """The relations that hold. What is one's own is reached as one's own only, whatever else one is."""
    if person == thing.subject:
        return _OWN
    if person not in thing.parties and not ties.ties:
        return _AT_WORK
    held: set[Relation] = {"clinic"}
    if person in thing.parties:
        held.add("party")
    for tie in ties.ties:
        if tie.since <= now and (tie.until is None or now < tie.until):
            held.add(tie.kind)
    return held


_OWN: Final[Set[Relation]] = frozenset({"self"})
_AT_WORK: Final[Set[Relation]] = frozenset({"clinic"})
_CLOSED: Final[frozenset[DataClass]] = frozenset({"clinical", "psychotherapy-note"})


def _refuse_unsound(rule: Rule) -> None:
    """What no context may allow, however it writes its rules. Raises ValueError."""
    if not rule.relations:
        raise ValueError("a rule needs a relation: nobody may do anything to anybody's data")
    if "service" in rule.roles:
        raise ValueError("programs act for a person, never for themselves")
    if rule.classes & _CLOSED and rule.relations != ("self",):
        if not rule.roles <= CLINICIANS or rule.relations == ("clinic",):
            raise ValueError("what is clinical opens to clinicians alone, by care and not by employment")
        if rule.aal < 2:  # the level of a second factor
            raise ValueError("staff reach what is clinical with a second factor only")
    if "psychotherapy-note" in rule.classes:
        if "party" not in rule.relations:
            raise ValueError("psychotherapy notes open to who wrote them alone: not by care, not by breaking the glass")
        if rule.actions & {"export", "analyse"}:
            raise ValueError("psychotherapy notes are neither exported nor analysed")
    if "break-glass" in rule.relations and (rule.aal < 2 or rule.actions - {"read"}):
        raise ValueError("who breaks the glass reads, with a second factor")
