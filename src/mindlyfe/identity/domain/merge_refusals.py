"""Why two accounts are not merged."""

from mindlyfe.kernel.errors import DomainError, Forbidden


class SamePerson(DomainError):
    """Both ids are one account's."""

    status = 422
    code = "same-person"
    advice = "Name two accounts; one that was merged already leads to the account it became."


class PatientsOnly(DomainError):
    """One of the two is staff."""

    status = 422
    code = "patients-only"
    advice = "Only accounts that are patients and nothing else can be merged; take the other roles away first."


class BirthDatesDiffer(DomainError):
    """The two have different dates of birth."""

    code = "birth-dates-differ"
    advice = "They are two people, or one date is wrong: correct it first, with the reason."


class ConflictsOpen(DomainError):
    """Something speaks against it that was not acknowledged."""

    code = "conflicts-not-acknowledged"
    advice = "Look at the preview again, and propose it with every conflict acknowledged."


class MergeTaken(DomainError):
    """The id is taken by another merge."""

    code = "merge-taken"
    advice = "Give the merge an id of its own."


class MergeWaits(DomainError):
    """One of the two is part of another merge that is not over."""

    code = "merge-waits"
    advice = "Decide that one first, or wait until it is completed."


class MergeDecided(DomainError):
    """It was decided already."""

    code = "merge-decided"
    advice = "Read it again."


class MergeLapsed(DomainError):
    """Nobody decided within seven days."""

    code = "merge-lapsed"
    advice = "Propose it again, on what the preview shows today."


class SecondPersonNeeded(Forbidden):
    """Nobody approves what they proposed themselves."""

    code = "second-person-needed"
    advice = "Ask another administrator or the privacy officer."


class ErasureWaits(DomainError):
    """One of the two has asked to be erased."""

    code = "erasure-waits"
    advice = "Decide that request first."


class TreatmentRuns(DomainError):
    """The account that would end is being treated."""

    code = "treatment-runs"
    advice = "Let the other account become this one, or discharge the patient first if both are treated."


class MergedAway(DomainError):
    """This account became another one in this clinic."""

    code = "merged-away"
    advice = "Sign in with the address of your other account, or ask the clinic."
