"""Free ports, remembered."""

import socket

from mindlyfe.stack.instance import Instance, make
from mindlyfe.stack.ports import assign, assigned, is_free, listener, suggest


def test_ports_are_free_different_and_remembered(instance: Instance) -> None:
    first = assign(instance, ["a", "b", "c"])
    assert len(set(first.values())) == 3
    assert all(is_free(port) for port in first.values())
    assert assign(instance, ["c", "a", "b"]) == first
    assert assigned(instance) == first


def test_a_port_taken_meanwhile_is_replaced(instance: Instance) -> None:
    port = assign(instance, ["a"])["a"]
    with socket.create_server(("127.0.0.1", port)):
        assert not is_free(port)
        other = assign(instance, ["a"])["a"]
    assert other != port


def test_two_instances_get_different_ports(instance: Instance) -> None:
    other = make(instance.directory.with_name("other"))
    first = assign(instance, ["a"])["a"]
    with socket.create_server(("127.0.0.1", first)):
        assert assign(other, ["a"])["a"] != first


def test_who_has_a_port_and_which_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert "process" in listener(port)
        assert suggest(port) > port
