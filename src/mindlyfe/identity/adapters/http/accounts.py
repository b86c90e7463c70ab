"""Accounts, for operators: whose an address is, locked or not."""

from litestar import Router

from mindlyfe.identity.application.accounts import Accounts
from mindlyfe.identity.contract.accounts import AccountSaved, AccountView, FindAccount, LockAccount
from mindlyfe.identity.domain.refusals import NotYourself
from mindlyfe.kernel.errors import KeyReused, NotFound
from mindlyfe.kernel.http import get, post, put
from mindlyfe.kernel.messages import PersonId, Principal

RECENT_S = 600


def routes(accounts: Accounts) -> Router:
    """`/v1/accounts`."""

    @post("/searches", needs="accounts:read", aal=2, status_code=200, audits="accounts.read", refuses=(NotFound,))
    async def find(data: FindAccount, who: Principal) -> AccountView:  # noqa: ARG001 - operators only
        """The account by an address."""
        return await accounts.find(data)

    @get("/{person:uuid}", needs="accounts:read", aal=2, audits="accounts.read", refuses=(NotFound,))
    async def view(person: PersonId, who: Principal) -> AccountView:  # noqa: ARG001 - operators only
        """One account of the region."""
        return await accounts.view(person)

    @put(
        "/{person:uuid}/lock",
        needs="accounts:lock",
        aal=2,
        recent_s=RECENT_S,
        refuses=(NotFound, NotYourself, KeyReused),
    )
    async def lock(person: PersonId, data: LockAccount, who: Principal) -> AccountSaved:
        """Let nobody sign in by an account, in any clinic of the region. All its sessions end at once."""
        return await accounts.lock(person, data, who)

    @post(
        "/{person:uuid}/unlocking",
        needs="accounts:lock",
        aal=2,
        recent_s=RECENT_S,
        status_code=200,
        refuses=(NotFound, KeyReused),
    )
    async def unlock(person: PersonId, who: Principal) -> AccountSaved:
        """Let the owner of a locked account sign in again."""
        return await accounts.unlock(person, who)

    return Router("/v1/accounts", route_handlers=[find, view, lock, unlock], tags=["Accounts"])
