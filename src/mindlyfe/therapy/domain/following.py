"""What an episode follows of what happened elsewhere: a cancelled booking, a merge of accounts, a handover of care."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from mindlyfe.kernel.messages import SYSTEM, PersonId
from mindlyfe.therapy.domain.episode import RUNNING, Episode, PatientMerged, Step, Transferred, Withdrawn, withdraw


def give_up(state: Episode | None, *, by: PersonId, now: datetime) -> Sequence[Step]:
    """The booking that was the referral is cancelled: what nobody decided yet is withdrawn, all else stays."""
    return withdraw(state, by=by, now=now) if state is not None and state.stage == "referred" else []


def follow_merge(
    state: Episode | None, *, duplicate: PersonId, survivor: PersonId, treated: bool, now: datetime
) -> Sequence[Step]:
    """What runs for the duplicate runs for the survivor; a referral of who is in treatment already has no point."""
    if state is None or state.patient != duplicate or state.stage not in RUNNING:
        return []
    if treated:
        return [Withdrawn(by=SYSTEM, at=now)] if state.stage == "referred" else []
    return [PatientMerged(patient=survivor, was=duplicate)]


def transfer(state: Episode | None, *, care: UUID, was: PersonId, clinician: PersonId, now: datetime) -> Sequence[Step]:
    """Follow a handover of care: a colleague goes on. Heard again, or of another's treatment, it changes nothing."""
    if state is None or state.stage not in {"accepted", "active"}:
        return []
    if state.clinician != was or care in state.passed_on:
        return []
    return [Transferred(clinician=clinician, was=was, care=care, at=now)]
