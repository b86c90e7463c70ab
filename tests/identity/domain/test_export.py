"""An export: from the wish to its deletion. Pure."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from mindlyfe.identity.domain.export import (
    LASTS,
    ContextTold,
    Expired,
    ExportExpired,
    ExportNotReady,
    Made,
    Requested,
    evolve,
    expire,
    fetchable,
    made,
    request,
    told,
)
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.testing.decisions import given

ID, PAT = UUID(int=5), PersonId(UUID(int=7))
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
WISH = Requested(export=ID, person=PAT, contexts=("identity", "therapy"), at=NOW)
TOLD = (ContextTold(export=ID, context="identity"), ContextTold(export=ID, context="therapy"))
MADE = Made(export=ID, at=NOW, expires_at=NOW + LASTS, person=PAT)


def test_it_is_asked_for_once() -> None:
    given(evolve).when(lambda s: request(s, WISH)).then(WISH)
    given(evolve, WISH).when(lambda s: request(s, WISH)).then()


def test_it_is_not_made_while_a_context_is_silent() -> None:
    given(evolve, WISH, TOLD[0]).when(lambda s: made(s, NOW)).refused(ExportNotReady)
    given(evolve, WISH, TOLD[0]).when(lambda s: told(s, "therapy")).then(TOLD[1])
    given(evolve, WISH, *TOLD).when(lambda s: told(s, "therapy")).then()
    given(evolve, WISH, *TOLD).when(lambda s: told(s, "a stranger")).then()
    given(evolve, WISH, *TOLD).when(lambda s: made(s, NOW)).then(MADE)
    given(evolve, WISH, *TOLD, MADE).when(lambda s: made(s, NOW)).then()


def test_asvs_14_2_7_it_is_deleted_after_seven_days() -> None:
    over = NOW + timedelta(days=7)
    there = given(evolve, WISH, *TOLD, MADE)
    there.when(lambda s: expire(s, over - timedelta(seconds=1))).then()
    gone = there.when(lambda s: expire(s, over)).then(Expired(export=ID, at=over))
    assert expire(gone, over) == []
    with pytest.raises(ExportExpired):
        fetchable(gone, PAT, NOW)
    with pytest.raises(ExportExpired):
        fetchable(there.state, PAT, over)


def test_nobody_fetches_what_is_not_theirs_or_not_there() -> None:
    with pytest.raises(NotFound):
        fetchable(given(evolve, WISH, *TOLD, MADE).state, PersonId(UUID(int=8)), NOW)
    with pytest.raises(NotFound):
        fetchable(None, PAT, NOW)
    with pytest.raises(ExportNotReady):
        fetchable(given(evolve, WISH).state, PAT, NOW)
