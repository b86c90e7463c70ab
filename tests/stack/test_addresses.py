"""The gateway's address files follow the processes."""

import json
from collections.abc import Callable

from mindlyfe.stack.addresses import Addresses, addresses_directory
from mindlyfe.stack.instance import Instance
from mindlyfe.stack.part import Part
from mindlyfe.stack.state import Condition, PartState, now


def state(name: str, condition: Condition, port: int) -> PartState:
    return PartState(name=name, tier=1, stop_signal=15, state=condition, port=port, since=now())


def ports(instance: Instance, context: str) -> list[int]:
    [told] = json.loads((addresses_directory(instance) / f"{context}.json").read_text())["resources"]
    [group] = told["endpoints"]
    return [one["endpoint"]["address"]["socket_address"]["port_value"] for one in group["lb_endpoints"]]


def test_a_context_is_where_a_process_of_it_runs(instance: Instance, part: Callable[..., Part]) -> None:
    both = part("platform", contexts=frozenset({"identity", "therapy"}))
    addresses = Addresses(instance, [both, part("nats")])
    addresses.follow([state("platform", "starting", 7000), state("nats", "running", 7001)])
    assert ports(instance, "identity") == ports(instance, "therapy") == []
    addresses.follow([state("platform", "running", 7000)])
    assert ports(instance, "identity") == ports(instance, "therapy") == [7000]
    addresses.follow([state("platform", "unhealthy", 7000)])
    assert ports(instance, "identity") == [7000], "it answers, and the gateway asks for its health itself"
    addresses.follow([state("platform", "restarting", 7000)])
    assert ports(instance, "therapy") == []


def test_files_are_only_replaced_when_something_changed(instance: Instance, part: Callable[..., Part]) -> None:
    addresses = Addresses(instance, [part("platform", contexts=frozenset({"identity"}))])
    addresses.follow([state("platform", "running", 7000)])
    file = addresses_directory(instance) / "identity.json"
    first = file.stat().st_ino
    addresses.follow([state("platform", "unhealthy", 7000)])
    assert file.stat().st_ino == first
    addresses.follow([state("platform", "stopped", 7000)])
    assert file.stat().st_ino != first
