"""What `up` refuses before it starts anything."""

import socket
from pathlib import Path

import pytest

from mindlyfe.stack.instance import Instance
from mindlyfe.stack.options import Options, Refused, check, seeded

KNOWN = frozenset({"identity", "therapy"})


def refusal(instance: Instance, mail_host: str = "", **options: object) -> str:
    with pytest.raises(Refused) as refused:
        check(Options(**options), instance, mail_host=mail_host, known=KNOWN)  # type: ignore[arg-type]
    return str(refused.value)


@pytest.fixture
def pem(place: Path) -> str:
    file = place / "file.pem"
    file.touch()
    return str(file)


def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def test_development_on_loopback_is_fine(instance: Instance) -> None:
    options = Options(port=free(), only=("therapy",))
    check(options, instance, mail_host="", known=KNOWN)
    assert options.mode == "development"
    assert options.url == f"http://localhost:{options.port}"


def test_plain_http_off_loopback(instance: Instance) -> None:
    assert "--tls-cert" in refusal(instance, "mail", port=free(), bind="0.0.0.0")


def test_half_of_tls(instance: Instance, pem: str) -> None:
    assert "all three" in refusal(instance, port=free(), tls_cert=pem, tls_key=pem)
    assert "all three" in refusal(instance, port=free(), domain="clinic.example")


def test_a_certificate_that_is_not_there(instance: Instance, pem: str) -> None:
    assert "/nowhere" in refusal(instance, port=free(), domain="c.example", tls_cert="/nowhere", tls_key=pem)


def test_a_bind_that_is_no_address(instance: Instance) -> None:
    assert "IP address" in refusal(instance, bind="localhost")


def test_production_without_a_mail_server(instance: Instance) -> None:
    assert "MINDLYFE_MAIL__HOST" in refusal(instance, port=free(), production=True)


def test_any_other_bind_is_production(instance: Instance, pem: str) -> None:
    options = Options(bind="0.0.0.0", domain="clinic.example", tls_cert=pem, tls_key=pem, port=443)
    assert options.mode == "production"
    assert options.url == "https://clinic.example"
    assert "mail server" in refusal(
        instance, port=free(), bind="0.0.0.0", domain="c.example", tls_cert=pem, tls_key=pem
    )


def test_demo_people_never_go_live(instance: Instance) -> None:
    assert "demo" in refusal(instance, "mail", port=free(), production=True, seed="demo")
    seeded(instance).touch()
    assert "demo" in refusal(instance, "mail", port=free(), production=True)


def test_a_taken_port_names_another(instance: Instance) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        words = refusal(instance, port=taken.getsockname()[1])
    assert "in use" in words
    assert "--port" in words


def test_an_unknown_context(instance: Instance) -> None:
    assert "nonsense" in refusal(instance, port=free(), only=("nonsense",))
