"""Merges of duplicates."""

from typing import Final
from uuid import UUID

from litestar import Router

from mindlyfe.identity.application.merges import MergeRequests
from mindlyfe.identity.contract.merges import (
    DecideMerge,
    Duplicates,
    MergeListed,
    MergePreview,
    MergeView,
    ProposeMerge,
)
from mindlyfe.identity.domain.erasure_request import ErasureRuns, LegalHold
from mindlyfe.identity.domain.merge_refusals import (
    BirthDatesDiffer,
    ConflictsOpen,
    ErasureWaits,
    MergeDecided,
    MergeLapsed,
    MergeTaken,
    MergeWaits,
    PatientsOnly,
    SamePerson,
    SecondPersonNeeded,
    TreatmentRuns,
)
from mindlyfe.identity.domain.refusals import NotYourself
from mindlyfe.kernel.errors import KeyReused, NotFound, Unavailable, VersionConflict
from mindlyfe.kernel.http import Page, get, post, put
from mindlyfe.kernel.messages import Principal

RECENT_S: Final = 600
UNFIT: Final = (NotFound, SamePerson, NotYourself, PatientsOnly, LegalHold, ErasureRuns, ErasureWaits, TreatmentRuns)
OPEN: Final = (BirthDatesDiffer, ConflictsOpen, Unavailable, KeyReused)
DECIDED: Final = (MergeDecided, MergeLapsed, SecondPersonNeeded, VersionConflict)


def proposals(merges: MergeRequests) -> Router:
    """`/v1/merges`: looked at and proposed."""

    @post(
        "/preview",
        needs="merges:manage",
        aal=2,
        clinical=True,
        status_code=200,
        audits="merges.previewed",
        refuses=(*UNFIT, Unavailable),
    )
    async def preview(data: Duplicates, who: Principal) -> MergePreview:
        """What both accounts have, and what speaks against their being one patient's. Nothing changes."""
        return await merges.preview(data, who)

    @get(needs="merges:manage", aal=2, clinical=True, audits="merges.listed")
    async def all_(who: Principal) -> Page[MergeListed]:
        """Merges of this clinic, those that wait for a decision among them; newest first."""
        return Page(await merges.all(who))

    @put("/{merge:uuid}", needs="merges:manage", aal=2, clinical=True, refuses=(*UNFIT, *OPEN, MergeTaken, MergeWaits))
    async def propose(merge: UUID, data: ProposeMerge, who: Principal) -> MergeView:
        """Propose that one account of a patient becomes the other, under an id that the caller makes.

        Somebody else decides within seven days. The same again changes nothing.
        """
        return await merges.propose(merge, data, who)

    return Router("/v1/merges", route_handlers=[preview, all_, propose], tags=["Members"])


def decisions(merges: MergeRequests) -> Router:
    """`/v1/merges`: decided by a second person, and watched."""

    @get("/{merge:uuid}", needs="merges:manage", aal=2, clinical=True, audits="merges.read", refuses=(NotFound,))
    async def one(merge: UUID, who: Principal) -> MergeView:
        """A merge and how far it is: which contexts have followed, and which not yet."""
        return await merges.one(merge, who)

    @post(
        "/{merge:uuid}/decision",
        needs="merges:manage",
        aal=2,
        clinical=True,
        recent_s=RECENT_S,
        status_code=200,
        refuses=(*UNFIT, *OPEN, *DECIDED),
    )
    async def decide(merge: UUID, data: DecideMerge, who: Principal, expected: int | None) -> MergeView:
        """Approve what a colleague proposed, which cannot be undone, or decline it; one's own can be declined alone.

        It goes on by itself, step by step; ask how far it is.
        """
        return await merges.decide(merge, data, who, expected)

    return Router("/v1/merges", route_handlers=[one, decide], tags=["Members"])
