"""Workflows: who is told what, when and by which channels, as data a clinic may replace; and what people prefer."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Command, Instant
from mindlyfe.notifications.contract import Channel, Kind

type WorkflowName = Literal[
    "appointment-booked",
    "appointment-cancelled",
    "appointment-moved",
    "appointment-requested",
    "appointment-declined",
    "appointment-missed",
    "appointment-reminder",
    "safety-task",
]
"""What something is done about; what sets it off is fixed, what is done is the workflow's to say."""
type Outcome = Literal["asked", "left-out", "sent", "failed", "seen"]

Key = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9-]{0,39}$", description="Names a step in its workflow.")]
Wall = Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["08:30"])]
Closes = Annotated[str, msgspec.Meta(pattern="^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", examples=["07:00"])]
Minutes = Annotated[int, msgspec.Meta(ge=1, le=527_040, description="Up to a year.")]


class Condition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must have come of an earlier `send` in this round. `holds` false: must not."""

    step: Key
    was: Outcome
    holds: bool = True


class Send(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="step", tag="send"):
    """Tell it by each of these channels that the recipient lets us use, when all conditions hold."""

    key: Key
    channels: Annotated[tuple[Channel, ...], msgspec.Meta(min_length=1, max_length=4, examples=[["email"]])]
    template: Kind | None = None
    """What it says; without one, the workflow's own."""
    when: Annotated[tuple[Condition, ...], msgspec.Meta(max_length=10)] = ()


class Delay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="step", tag="delay"):
    """Wait so long."""

    key: Key
    minutes: Minutes


class Until(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="step", tag="until"):
    """Wait until the recipient's clock next shows this time."""

    key: Key
    at: Wall


class Before(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="step", tag="before"):
    """Wait until so long before what it is about. When that has passed, all is left out up to the next `before`."""

    key: Key
    minutes: Annotated[int, msgspec.Meta(ge=5, le=43_200, description="Up to 30 days.")]


class Digest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="step", tag="digest"):
    """Collect what comes for a recipient in this time, and go on once for all of it. Only as the first step."""

    key: Key
    minutes: Minutes
    by: Literal["recipient", "subject"] = "recipient"
    """Whether all that comes for the recipient is one, or all of it about the same thing."""


class Throttle(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="step", tag="throttle"):
    """Go on at most `most` times in this time for a recipient; else it ends here."""

    key: Key
    most: Annotated[int, msgspec.Meta(ge=1, le=100)]
    minutes: Minutes


type Step = Send | Delay | Until | Before | Digest | Throttle


class Workflow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done, step by step; and which channels are used unless the recipient says otherwise."""

    steps: Annotated[tuple[Step, ...], msgspec.Meta(min_length=1, max_length=30)]
    on: Annotated[tuple[Channel, ...], msgspec.Meta(max_length=4)] = ("email", "in-app")
    """Channels used of those that steps name; the others only for who switched them on."""


class DefineWorkflow(Command, frozen=True):
    """The clinic's next version. What runs keeps the version it began with."""

    workflow: Workflow


class WorkflowView(msgspec.Struct, frozen=True, kw_only=True):
    """A workflow as it begins from now on."""

    name: WorkflowName
    edition: str
    """`shipped/n`, or `clinic/n`: its n-th own version."""
    critical: bool
    """It overtakes, keeps no quiet hours and asks for no preference; a channel to avoid is avoided all the same."""
    workflow: Workflow
    version: int


class WorkflowSaved(msgspec.Struct, frozen=True):
    """The workflow stands at this version, and begins in this edition."""

    name: WorkflowName
    edition: str
    version: int


class QuietHours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """When not to be told anything but what is critical, by the wall clock of the person's zone.

    Over midnight when `to` is not after `from`. No weekdays (ISO: Monday is 1, of the beginning) means every day.
    """

    from_: Wall
    to: Closes
    weekdays: frozenset[Annotated[int, msgspec.Meta(ge=1, le=7)]] = frozenset()


class ChannelWishes(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"in_app": "in-app"}):
    """Whether to be told by a channel. Null: that is left to the next wider word."""

    email: bool | None = None
    sms: bool | None = None
    push: bool | None = None
    in_app: bool | None = None


class WorkflowWishes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same for one workflow alone."""

    workflow: WorkflowName
    channels: ChannelWishes


class SetPreferences(Command, frozen=True):
    """All of one person's preferences, replaced as a whole."""

    channels: ChannelWishes = ChannelWishes()
    """For everything that is not critical; what is not said is left to the workflow."""
    workflows: Annotated[tuple[WorkflowWishes, ...], msgspec.Meta(max_length=100)] = ()
    """For one workflow; goes before `channels`."""
    quiet: Annotated[tuple[QuietHours, ...], msgspec.Meta(max_length=21)] = ()


class PreferencesView(msgspec.Struct, frozen=True, kw_only=True):
    """What a person prefers, as they said it."""

    channels: ChannelWishes
    workflows: tuple[WorkflowWishes, ...]
    quiet: tuple[QuietHours, ...]
    version: int


class Source(msgspec.Struct, frozen=True):
    """Which event of which stream said it: of two, the newer holds, whichever is heard last."""

    stream: UUID
    version: int
    at: Instant


class Unsound(DomainError):
    """The workflow cannot be run as it is written."""

    status = 422
    code = "workflow-unsound"
    advice = "Mend the step that is named."
