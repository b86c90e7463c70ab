"""What is written for the services is what they read."""

import pytest

from mindlyfe.kernel.config import load
from mindlyfe.stack import configuration, ports
from mindlyfe.stack.instance import Instance
from mindlyfe.stack.options import Options
from mindlyfe.stack.servers import NAMES, servers


def test_services_read_what_was_written(instance: Instance) -> None:
    stack = servers(instance, ports.assign(instance, NAMES))
    written = configuration.settings(instance, Options(port=8123), stack, 2626, 2727)
    configuration.write(instance, written)
    assert load({}, instance.settings) == written
    assert written.public_url == "http://localhost:8123"
    assert (written.mail.port, written.mode) == (2626, "development")
    assert written.sms.gateways["phone"].url == "http://127.0.0.1:2727"
    assert instance.settings.stat().st_mode & 0o777 == 0o600


def test_the_operator_has_the_last_word(instance: Instance) -> None:
    stack = servers(instance, ports.assign(instance, NAMES))
    configuration.write(instance, configuration.settings(instance, Options(production=True), stack, None))
    told = load({"MINDLYFE_MAIL__HOST": "smtp.example", "MINDLYFE_MAIL__PORT": "587"}, instance.settings)
    assert (told.mail.host, told.mail.port, told.mode) == ("smtp.example", 587, "production")


@pytest.mark.parametrize("name", ['with "quotes"', "back\\slash", "ünïcode"])
def test_awkward_paths_survive(instance: Instance, name: str) -> None:
    other = Instance(instance.directory / name, instance.id)
    other.run.mkdir(parents=True)
    stack = servers(other, ports.assign(other, NAMES))
    written = configuration.settings(other, Options(), stack, None)
    configuration.write(other, written)
    assert load({}, other.settings) == written
