"""Sealing for a browser, and what a push service's answer means."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec

from mindlyfe.notifications.adapters.web_push import check, judge, sealed
from mindlyfe.notifications.application.ports import NotHandedOver
from mindlyfe.notifications.application.pushing import Gone, Tidings
from mindlyfe.notifications.contract.push import WrongPushKeys
from mindlyfe.notifications.testing.push_service import Browser, data, raw, text

# RFC 8291, appendix A.
PLAIN = b"When I grow up, I want to be a watermelon"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
RECEIVER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
RECEIVER_PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH, SALT = "BTBZMqHH6r4Tts7J_aSIgg", "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_y"
    "l95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def private(key: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(data(key)), ec.SECP256R1())


def test_sealing_gives_what_the_standard_gives() -> None:
    assert text(raw(private(RECEIVER).public_key())) == RECEIVER_PUBLIC
    assert text(sealed(PLAIN, RECEIVER_PUBLIC, AUTH, salt=data(SALT), private=private(SENDER))) == BODY


def test_a_test_opens_what_the_standard_sealed() -> None:
    assert Browser(private(RECEIVER), data(AUTH)).opened(data(BODY)) == PLAIN


def test_each_message_is_sealed_anew_and_opened_by_its_browser_alone() -> None:
    browser, other = Browser(), Browser()
    keys: Any = browser.subscription()["keys"]
    one, two = (sealed(PLAIN, keys["p256dh"], keys["auth"]) for _ in range(2))
    assert browser.opened(one) == browser.opened(two) == PLAIN
    assert one[:16] != two[:16]
    assert one[21:86] != two[21:86]
    for stranger in (other, Browser(browser.key, other.auth), Browser(other.key, browser.auth)):
        with pytest.raises(InvalidTag):
            stranger.opened(one)


def test_a_point_that_is_not_on_the_curve_is_refused() -> None:
    check(RECEIVER_PUBLIC)
    for wrong in ("B" + "A" * 86, RECEIVER_PUBLIC[:-3] + "AAA", text(b"\4" + bytes(64))):
        with pytest.raises(WrongPushKeys):
            check(wrong)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_what_is_taken_is_taken(status: int) -> None:
    judge(status)


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_gone(status: int) -> None:
    with pytest.raises(Gone):
        judge(status)


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        *((status, False) for status in (408, 425, 429, 500, 502, 503, 504)),
        *((status, True) for status in (301, 307, 400, 401, 403, 405, 413, 422)),
    ],
)
def test_other_answers_are_tried_again_or_not(status: int, permanent: bool) -> None:
    with pytest.raises(NotHandedOver) as failure:
        judge(status)
    assert (failure.value.code, failure.value.permanent) == (f"push-{status}", permanent)


def test_a_message_has_no_field_for_what_it_is_about() -> None:
    assert Tidings.__struct_fields__ == ("id", "title", "line", "link")


def test_the_one_line_there_is_names_nothing() -> None:
    folder = Path(__file__).parents[3] / "src/mindlyfe/notifications/adapters/templates"
    found = list(folder.glob("*/push.txt"))
    assert folder / "en" / "push.txt" in found
    for line in found:
        assert "{" not in line.read_text()
