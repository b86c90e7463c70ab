"""Read model: whose an e-mail address is, by keyed digest. Inline, so it refuses a second account by one address."""

from collections.abc import Mapping, Sequence
from typing import Final, LiteralString

from mindlyfe.identity.domain.account import AddressChanged, Change, Closed, Opened, PasswordChanged
from mindlyfe.identity.domain.address import sought
from mindlyfe.identity.domain.recovery import Sought
from mindlyfe.identity.domain.refusals import AddressTaken
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import REGION, PersonId, Recorded
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.kernel.secrecy import Keys

TAKE: Final[LiteralString] = "insert into account_address (person, digest) values (%s, %s)"
MOVE: Final[LiteralString] = """
    update account_address set digest = %s, epoch = epoch + 1 where tenant = %s and person = %s"""
NEXT: Final[LiteralString] = "update account_address set epoch = epoch + 1 where tenant = %s and person = %s"
OWNER: Final[LiteralString] = "select person, epoch from account_address where tenant = %s and digest = %s"
FREE: Final[LiteralString] = "delete from account_address where tenant = %s and person = %s"
PURPOSE: Final = "identity/address"


class AddressBook:
    """Finds accounts; holds no address."""

    name = "account_address"
    tables: Sequence[LiteralString] = ("account_address",)
    constraints: Mapping[str, type[DomainError]] = {"account_address_once": AddressTaken}

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database, self._keys = database, keys

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]]) -> None:
        """Follow whose each address is, and the epochs; the address somebody leaves is free at once."""
        for r in recorded:
            match r.event:
                case Opened(person=person, email=email):
                    await tx.execute(TAKE, (person, self._digest(email)))
                case AddressChanged(email=email):
                    await tx.execute(MOVE, (self._digest(email), r.tenant, r.stream))
                case PasswordChanged():
                    await tx.execute(NEXT, (r.tenant, r.stream))
                case Closed(person=person):
                    await tx.execute(FREE, (r.tenant, person))
                case _:
                    pass

    async def owner(self, email: str) -> PersonId | None:
        """The person with an account by this address. Raises Unavailable."""
        found = await self.holder(email)
        return found.person if found else None

    async def holder(self, email: str) -> Sought | None:
        """The same, with the epoch of the account. Raises Unavailable."""
        async with self._database.app(REGION) as tx:
            row = await (await tx.execute(OWNER, (REGION, self._digest(email)))).fetchone()
        return Sought(PersonId(row[0]), row[1]) if row else None

    def _digest(self, email: str) -> bytes:
        return self._keys.digest(PURPOSE, sought(email))
