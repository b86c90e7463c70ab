"""A clinical context's copy of what binds clinicians to patients: fed by events, confirmed by asking."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from mindlyfe.kernel.at_once import at_once
from mindlyfe.kernel.messages import Event, Heard, Instant, PersonId, TenantId
from mindlyfe.kernel.policy import Kind, Tie
from mindlyfe.kernel.postgres import Database, Tx

BY_ITSELF: Final = UUID(int=0)

# What was told before the last confirmation is in it already: a tie that ended meanwhile must not open again.
BEGUN: Final[LiteralString] = """
    insert into tie (kind, id, via, holder, subject, since, until)
    select %(kind)s, %(id)s, %(via)s, %(holder)s, %(subject)s, %(since)s, %(until)s
    where not exists (select from tie_checked where holder = %(holder)s and checked_at > %(at)s)
    on conflict (tenant, kind, id, via) do nothing"""
OVER: Final[LiteralString] = """
    update tie set until = least(until, %(until)s) where tenant = current_setting('app.tenant')::uuid
    and ((kind = %(kind)s and id = %(id)s) or (kind = 'supervision' and via = %(id)s and %(kind)s = 'care'))"""
BETWEEN: Final[LiteralString] = """
    select checked_at, kind, since, until from (values (%(holder)s::uuid)) as asked (holder)
    left join tie_checked using (holder)
    left join tie on tie.holder = asked.holder and tie.subject = %(subject)s"""
CHECKED: Final[LiteralString] = """
    insert into tie_checked (holder, checked_at) values (%(holder)s, %(checked_at)s)
    on conflict (tenant, holder) do update set checked_at = excluded.checked_at
    where tie_checked.checked_at < excluded.checked_at"""
# Who waited for somebody with a later answer changes nothing: each step sees what was committed before it began.
FORGET: Final[LiteralString] = """
    delete from tie where holder = %(holder)s
    and exists (select from tie_checked where holder = %(holder)s and checked_at = %(checked_at)s)"""
KEEP: Final[LiteralString] = """
    insert into tie (kind, id, via, holder, subject, since, until)
    select kind, id, via, %(holder)s, subject, since, until
    from unnest(%(kind)s::text[], %(id)s::uuid[], %(via)s::uuid[], %(subject)s::uuid[],
                %(since)s::timestamptz[], %(until)s::timestamptz[]) as held (kind, id, via, subject, since, until)
    where exists (select from tie_checked where holder = %(holder)s and checked_at = %(checked_at)s)
    on conflict (tenant, kind, id, via) do update set since = excluded.since, until = excluded.until"""
ERASES: Final[Mapping[str, LiteralString]] = {
    "tie": "delete from tie where %(person)s in (holder, subject)",
    "tie_checked": "delete from tie_checked where holder = %(person)s",
}
"""For the context's `Personal`."""
STAYS: Final[Mapping[str, str]] = {
    "tie": "it follows care, which identity ends for the one account and begins for the other",
    "tie_checked": "of clinicians, whose accounts are never merged",
}
"""When a patient's account becomes another one."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A tie of somebody to `subject`, as identity tells it. `via`: the care that a supervisor reads along with."""

    kind: Kind
    id: UUID
    subject: PersonId
    since: Instant
    until: Instant | None
    via: UUID = BY_ITSELF


class Begun(msgspec.Struct, frozen=True):
    """An event that binds `holder`."""

    holder: PersonId
    held: Held


class Over(msgspec.Struct, frozen=True):
    """An event that ends a tie, and what hangs on it."""

    kind: Kind
    id: UUID
    until: datetime


type Meaning = Callable[[Any], Begun | Over]
"""What a public event says of ties. Pure."""


class Known(msgspec.Struct, frozen=True):
    """What we know of two people, and when all that binds the first was last confirmed."""

    ties: tuple[Tie, ...]
    checked_at: datetime | None


class TieCopy:
    """Our copy. `meanings` tells what each event that it follows says: identity's contract has them."""

    name = "ties"

    def __init__(self, database: Database, meanings: Mapping[type[Event], Meaning]) -> None:
        self._database, self._meanings = database, meanings
        self.events: Sequence[type[Event]] = tuple(meanings)

    async def apply(self, tx: Tx, heard: Sequence[Heard[Any]], /) -> None:
        """Bind and release, in the order it is told."""
        for each in heard:
            match self._meanings[type(each.event)](each.event):
                case Begun(holder=holder, held=held):
                    await tx.execute(BEGUN, msgspec.structs.asdict(held) | {"holder": holder, "at": each.at})
                case Over(kind=kind, id=id_, until=until):
                    await tx.execute(OVER, {"kind": kind, "id": id_, "until": until})

    async def between(self, tenant: TenantId, holder: PersonId, subject: PersonId) -> Known:
        """What we know of the two: one round trip."""
        rows = await at_once(self._database, tenant, (BETWEEN, {"holder": holder, "subject": subject}))
        ties = tuple(Tie(kind, since, until) for _, kind, since, until in rows if kind is not None)
        return Known(ties, rows[0][0])

    async def replace(self, tenant: TenantId, holder: PersonId, all_: Sequence[Held], checked_at: datetime) -> None:
        """These are all that binds `holder`, unless somebody heard so later than `checked_at`."""
        values: dict[str, Any] = {"holder": holder, "checked_at": checked_at}
        held = {name: [getattr(one, name) for one in all_] for name in Held.__struct_fields__}
        await at_once(self._database, tenant, (CHECKED, values), (FORGET, values), (KEEP, values | held))
