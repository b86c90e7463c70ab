"""A context put together out of slices: each is a module of its own, and knows of the others what it is given."""

from dataclasses import replace
from functools import reduce
from typing import Any

from mindlyfe.kernel.messages import Event, Heard, Recorded
from mindlyfe.kernel.module import Module, Reaction
from mindlyfe.kernel.personal import together


def joined(module: Module, *slices: Module) -> Module:
    """The module with all slices in it. What several hear, they hear in this order; its policy is the module's."""
    return reduce(_with, slices, module)


def _with(module: Module, other: Module) -> Module:
    def publishes(recorded: Recorded[Any]) -> Event | None:
        return module.publishes(recorded) or other.publishes(recorded)

    both = {event: in_turn(module.hears[event], other.hears[event]) for event in module.hears.keys() & other.hears}
    return replace(
        module,
        routes=[*module.routes, *other.routes],
        grants={**module.grants, **other.grants},
        streams=(*module.streams, *other.streams),
        publishes=publishes,
        hears={**module.hears, **other.hears, **both},
        follows=(*module.follows, *other.follows),
        projections=(*module.projections, *other.projections),
        answers={**module.answers, **other.answers},
        personal=together(module.personal, other.personal),
        flags=(*module.flags, *other.flags),
        gauges={**module.gauges, **other.gauges},
        workers={**module.workers, **other.workers},
    )


def in_turn(*reactions: Reaction) -> Reaction:
    """All of them to one event. Each is told again when one after it failed, and does what it did once."""

    async def told(heard: Heard[Event]) -> None:
        for reaction in reactions:
            await reaction(heard)

    return told
