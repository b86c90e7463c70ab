"""Read model: addresses at which nothing arrives, by their keyed digest, so that courtesies are not sent there."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, LiteralString

from mindlyfe.kernel.at_once import at_once
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.kernel.secrecy import Keys
from mindlyfe.notifications.domain.delivery import Change
from mindlyfe.notifications.domain.receipts import Bounced, Delivered

COUNTS: Final = timedelta(days=30)
"""After so long it may be tried again: mailboxes are mended."""
MARK: Final[LiteralString] = """
    insert into bounce (address, recipient, delivery, code, at)
    values (%(address)s, %(recipient)s, %(delivery)s, %(code)s, %(at)s)
    on conflict (tenant, address) do update set recipient = excluded.recipient, delivery = excluded.delivery,
        code = excluded.code, at = excluded.at where bounce.at < excluded.at"""
CLEAR: Final[LiteralString] = "delete from bounce where address = %(address)s and at < %(at)s"
BOUNCED: Final[LiteralString] = """
    select exists (select from bounce where address = %(address)s and at > clock_timestamp() - %(counts)s)"""


class Bounces:
    """Inline projection of receipts. What arrives later at an address clears it."""

    name = "bounces"
    tables: Sequence[LiteralString] = ("bounce",)
    constraints: Mapping[str, type[DomainError]] = {}

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database, self._keys = database, keys

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]]) -> None:
        """Mark and clear; one tenant per call."""
        for r in recorded:
            match r.event:
                case Bounced(hard=True, address=address, recipient=recipient, code=code, at=at) if (
                    address and recipient
                ):
                    marked = {"address": address, "recipient": recipient, "delivery": r.stream, "code": code, "at": at}
                    await tx.execute(MARK, marked)
                case Delivered(address=address, at=at) if address:
                    await tx.execute(CLEAR, {"address": address, "at": at})
                case _:
                    pass

    def digest(self, address: str) -> str:
        """By which an address is known here."""
        return self._keys.digest("message address", address.strip().lower()).hex()

    async def bounced(self, tenant: TenantId, digest: str) -> bool:
        """Whether nothing arrives there."""
        [(found,)] = await at_once(self._database, tenant, (BOUNCED, {"address": digest, "counts": COUNTS}))
        return bool(found)
