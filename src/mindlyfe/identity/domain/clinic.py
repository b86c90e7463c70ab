"""What administrators decide about their clinic: how it is described, and from which age on it treats people."""

from collections.abc import Sequence

from mindlyfe.identity.domain.organisation import AgeChanged, AgeProposed, Change, Described, Organisation, existing
from mindlyfe.identity.domain.refusals import NeedsAnother, NothingProposed
from mindlyfe.kernel.messages import PersonId


def describe(state: Organisation | None, wish: Described) -> Sequence[Change]:
    """Replace the description. Raises NotFound."""
    return [] if existing(state).description == wish else [wish]


def set_age(state: Organisation | None, age: int, *, by: PersonId) -> Sequence[Change]:
    """Raise the minimum age at once; lowering it is a proposal until a second administrator agrees. Raises NotFound."""
    clinic = existing(state)
    if age > clinic.minimum_age or (age == clinic.minimum_age and clinic.proposal):
        return [AgeChanged(minimum_age=age, by=by)]
    proposed = AgeProposed(minimum_age=age, by=by)
    return [] if age == clinic.minimum_age or clinic.proposal == proposed else [proposed]


def confirm_age(state: Organisation | None, age: int, *, by: PersonId) -> Sequence[Change]:
    """Agree to exactly this age; again, nothing. Raises NotFound, NothingProposed, NeedsAnother."""
    clinic = existing(state)
    if clinic.proposal is None and clinic.minimum_age == age:
        return []
    if clinic.proposal is None or clinic.proposal.minimum_age != age:
        raise NothingProposed
    if clinic.proposal.by == by:
        raise NeedsAnother
    return [AgeChanged(minimum_age=age, by=by, proposed_by=clinic.proposal.by)]
