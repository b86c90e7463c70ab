"""An app as operators look after it: where codes may be sent, what it may ask for, its secret, its end."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from mindlyfe.identity.domain.app import (
    App,
    Change,
    Changed,
    Disabled,
    Kind,
    Registered,
    SecretRotated,
    change,
    disable,
    enabled,
    evolve,
    hashed,
    register,
    rotate,
    usable,
)
from mindlyfe.identity.domain.app_refusals import AppDisabled, AppPublic, RedirectUnusable, ScopeUnknown
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId

NOW, TOM = datetime(2026, 6, 1, 6, tzinfo=UTC), PersonId(UUID(int=1))
BACK = ("https://diary.example/signed-in",)


def registered(kind: Kind = "confidential", secret: bytes = hashed("s-1")) -> Registered:
    return Registered(name="Diary", kind=kind, redirect_uris=BACK, scopes=("openid",), secret=secret, by=TOM, at=NOW)


def given(*changes: Change) -> App | None:
    state: App | None = None
    for one in changes:
        state = evolve(state, one)
    return state


def test_it_is_registered_once() -> None:
    assert register(None, registered()) == [registered()]
    assert register(given(registered()), registered()) == []


@pytest.mark.parametrize("uris", [(), ("http://diary.example/",), (*BACK, "javascript:alert(1)")])
def test_no_address_of_it_may_be_unsafe(uris: tuple[str, ...]) -> None:
    wish = Registered(name="Diary", kind="public", redirect_uris=uris, scopes=(), secret=b"", by=TOM, at=NOW)
    with pytest.raises(RedirectUnusable):
        register(None, wish)
    with pytest.raises(RedirectUnusable):
        change(given(registered()), Changed(name="Diary", redirect_uris=uris, scopes=()))


def test_it_asks_for_what_there_is() -> None:
    with pytest.raises(ScopeUnknown):
        change(given(registered()), Changed(name="Diary", redirect_uris=BACK, scopes=("openid", "patient/*.cruds")))


def test_a_change_that_changes_nothing_is_none() -> None:
    same = Changed(name="Diary", redirect_uris=BACK, scopes=("openid",))
    other = Changed(name="Day book", redirect_uris=BACK, scopes=("openid",))
    assert change(given(registered()), same) == []
    assert change(given(registered()), other) == [other]
    assert enabled(given(registered(), other)).name == "Day book"


def test_only_the_newest_secret_counts() -> None:
    wish = SecretRotated(secret=hashed("s-2"), by=TOM, at=NOW)
    assert rotate(given(registered()), wish) == [wish]
    app = enabled(given(registered(), wish))
    assert (app.keeps("s-1"), app.keeps("s-2"), app.keeps("")) == (False, True, False)


def test_a_public_app_has_no_secret_and_no_word_is_one() -> None:
    public = given(registered("public", b""))
    assert not enabled(public).keeps("")
    with pytest.raises(AppPublic):
        rotate(public, SecretRotated(secret=hashed("s-2"), by=TOM, at=NOW))


def test_a_closed_app_stays_closed_and_its_secret_is_gone() -> None:
    end = Disabled(by=TOM, at=NOW)
    assert disable(given(registered()), end) == [end]
    closed = given(registered(), end)
    assert disable(closed, end) == []
    assert closed is not None
    assert not closed.keeps("s-1")
    with pytest.raises(AppDisabled):
        enabled(closed)
    with pytest.raises(AppDisabled):
        change(closed, Changed(name="Day book", redirect_uris=BACK, scopes=()))
    with pytest.raises(AppDisabled):
        rotate(closed, SecretRotated(secret=hashed("s-2"), by=TOM, at=NOW))


def test_what_nobody_registered_is_not_found() -> None:
    for refused in (lambda: enabled(None), lambda: disable(None, Disabled(by=TOM, at=NOW))):
        with pytest.raises(NotFound):
            refused()


@pytest.mark.parametrize(
    ("uri", "kind", "sound"),
    [
        ("https://diary.example/signed-in?from=us", "confidential", True),
        ("https://diary.example", "public", True),
        ("http://127.0.0.1:4711/done", "public", True),
        ("http://[::1]/done", "public", True),
        ("com.example.diary:/done", "public", True),
        ("com.example.diary:/done", "confidential", False),
        ("com.example.diary://host/done", "public", False),
        ("diary:/done", "public", False),
        ("http://localhost/done", "public", False),
        ("http://diary.example/", "public", False),
        ("https:///done", "public", False),
        ("https://diary.example/#part", "public", False),
        ("https://somebody@diary.example/", "public", False),
        ("https://diary.example:0/", "public", False),
        ("https://diary.example/\n", "public", False),
        ("https://[diary/", "public", False),
        ("https://диary.example/", "public", False),
        ("javascript:alert(1)", "public", False),
        ("", "public", False),
    ],
)
def test_where_codes_may_be_sent(uri: str, kind: Kind, sound: bool) -> None:
    assert usable(uri, kind) is sound
