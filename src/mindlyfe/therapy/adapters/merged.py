"""Our copy of whose account became whose: an old id leads to the patient who is left."""

from collections.abc import Mapping, Sequence
from typing import Final, LiteralString

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.kernel import ties
from mindlyfe.kernel.messages import Event, Heard, PersonId, TenantId
from mindlyfe.kernel.postgres import Database, Tx

BECAME: Final[LiteralString] = """
    insert into merged (person, survivor) values (%s, %s)
    on conflict (tenant, person) do update set survivor = excluded.survivor"""
ONWARD: Final[LiteralString] = """
    update merged set survivor = %s where tenant = current_setting('app.tenant')::uuid and survivor = %s"""
MOVES: Final[Mapping[str, LiteralString]] = {
    "calendar": "select exists (select from calendar where patient = %(person)s)",
    "merged": "select not exists (select from merged where person = %(person)s)",
    "episode": """select exists (select from episode
        where patient = %(person)s and stage in ('referred', 'accepted', 'active'))""",
}
BARS: Final[Mapping[str, LiteralString]] = {
    "episode": "select exists (select from episode where patient = %(person)s and stage in ('accepted', 'active'))",
}
"""Care that began with an episode ends with it, under its id: treatment goes on in the account that has it."""
HOURS: Final = ("availability", "schedule", "time_off", "team_member", "turn", "group_session")
THERAPIST: Final = "of a therapist, whose account is never merged"
STAYS: Final[Mapping[str, str]] = {
    **dict.fromkeys((*HOURS, "feed", "feed_health", "imported"), THERAPIST),
    **ties.STAYS,
}
SURVIVOR: Final[LiteralString] = "select survivor from merged where person = %s"


class Merged:
    """Told by identity, which tells of a second merge of somebody only when the first is over."""

    name = "merged"
    events: Sequence[type[Event]] = (MemberMergedV1,)

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, heard: Sequence[Heard[MemberMergedV1]], /) -> None:
        """Lead the duplicate to the survivor, and whoever led to the duplicate."""
        for each in heard:
            duplicate, survivor = each.event.duplicate, each.event.survivor
            await tx.execute(BECAME, (duplicate, survivor))
            await tx.execute(ONWARD, (survivor, duplicate))

    async def survivor(self, tenant: TenantId, person: PersonId) -> PersonId:
        """Who the person is now."""
        async with self._database.app(tenant) as tx:
            row = await (await tx.execute(SURVIVOR, (person,))).fetchone()
        return PersonId(row[0]) if row else person
