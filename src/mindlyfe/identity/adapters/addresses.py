"""Read model: whose an e-mail address is, by keyed digest. Inline, so it refuses a second account by one address."""

from collections.abc import Mapping, Sequence
from typing import Final, LiteralString

from mindlyfe.identity.domain.account import Change, Opened
from mindlyfe.identity.domain.address import sought
from mindlyfe.identity.domain.refusals import AddressTaken
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import REGION, PersonId, Recorded
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.kernel.secrecy import Keys

TAKE: Final[LiteralString] = "insert into account_address (person, digest) values (%s, %s)"
OWNER: Final[LiteralString] = "select person from account_address where tenant = %s and digest = %s"
PURPOSE: Final = "identity/address"


class AddressBook:
    """Finds accounts; holds no address."""

    name = "account_address"
    tables: Sequence[LiteralString] = ("account_address",)
    constraints: Mapping[str, type[DomainError]] = {"account_address_once": AddressTaken}

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database, self._keys = database, keys

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]]) -> None:
        """Note the owner of each new account's address."""
        for r in recorded:
            if isinstance(r.event, Opened):
                await tx.execute(TAKE, (r.event.person, self._digest(r.event.email)))

    async def owner(self, email: str) -> PersonId | None:
        """The person with an account by this address. Raises Unavailable."""
        async with self._database.app(REGION) as tx:
            row = await (await tx.execute(OWNER, (REGION, self._digest(email)))).fetchone()
        return PersonId(row[0]) if row else None

    def _digest(self, email: str) -> bytes:
        return self._keys.digest(PURPOSE, sought(email))
