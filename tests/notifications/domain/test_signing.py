"""Signatures, against an example that Twilio publishes."""

from datetime import UTC, datetime, timedelta

import pytest

from mindlyfe.notifications.domain.signing import mail_signature, sms_signature, timely

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def test_the_published_example() -> None:
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    signature = sms_signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", form.items())
    assert signature == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_a_mail_signature_covers_time_and_body() -> None:
    signed = {
        mail_signature(*each) for each in (("s", "1", b"x"), ("s", "1", b"y"), ("s", "2", b"x"), ("t", "1", b"x"))
    }
    assert len(signed) == 4


@pytest.mark.parametrize(
    ("moment", "good"),
    [
        (NOW, True),
        (NOW - timedelta(minutes=5), True),
        (NOW + timedelta(minutes=5), True),
        (NOW - timedelta(minutes=5, seconds=1), False),
        (NOW + timedelta(minutes=5, seconds=1), False),
    ],
)
def test_an_old_receipt_may_be_a_replay(moment: datetime, good: bool) -> None:
    assert timely(str(int(moment.timestamp())), NOW) == good


@pytest.mark.parametrize("timestamp", ["", "soon", "-1", "1e9", "²", "9" * 400])
def test_no_timestamp_is_no_signature(timestamp: str) -> None:
    assert not timely(timestamp, NOW)
