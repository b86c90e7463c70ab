"""What the race plays against: a calendar of our own, in which things happen one after the other."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Literal

type By = Literal["patient", "therapist", "desk"]
type Verb = Literal["book", "move", "confirm", "decline", "cancel", "miss", "take-back"]
TAKES = frozenset({"requested", "booked", "missed"})
OPEN_MINUTES = 120


@dataclass(frozen=True)
class Therapist:
    """Open for two hours; one confirms requests, and one has a room by their schedule."""

    minutes: int
    confirms: bool
    room: int | None


THERAPISTS = (Therapist(30, confirms=False, room=0), Therapist(20, confirms=True, room=None))


@dataclass(frozen=True)
class Wish:
    """What somebody wants: of an appointment, at a start in steps of five minutes, perhaps in a room."""

    verb: Verb
    appointment: str
    by: By
    patient: int
    therapist: int
    step: int = 0
    room: int | None = None
    to: int | None = None
    """The therapist whom the desk moves it to."""


@dataclass(frozen=True)
class Taken:
    """An appointment as it stands."""

    patient: int
    therapist: int
    room: int | None
    step: int
    minutes: int
    status: str

    @property
    def stretch(self) -> tuple[int, int]:
        """Minutes since the opening."""
        return self.step * 5, self.step * 5 + self.minutes

    def meets(self, other: "Taken") -> bool:
        """Whether both are at one time."""
        (begins, ends), (their_begin, their_end) = self.stretch, other.stretch
        return begins < their_end and their_begin < ends


type Book = Mapping[str, Taken]


def collisions(one: Taken, others: Iterable[Taken]) -> Iterator[str]:
    """For whom or what there is no place."""
    for other in others:
        if other.status in TAKES and one.meets(other):
            if one.therapist == other.therapist:
                yield "slot-taken"
            if one.patient == other.patient:
                yield "patient-busy"
            if one.room is not None and one.room == other.room:
                yield "room-taken"


def after(book: Book, wish: Wish, minute: int) -> Book | set[str]:
    """The book when the wish is done, `minute` minutes after the opening; or why it may be refused."""
    if wish.verb == "book":
        found = _placed(book, wish, wish.therapist, minute, None)
        confirms = THERAPISTS[wish.therapist].confirms and wish.by == "patient"
        status = "requested" if confirms else "booked"
        return {**book, wish.appointment: replace(found, status=status)} if isinstance(found, Taken) else found
    known = book[wish.appointment]
    if wish.by == "therapist" and wish.therapist != known.therapist:
        return {"not-found"}
    if wish.verb == "move":
        return _moved(book, known, wish, minute)
    outcome = _answered(known, wish, minute * 1.0)
    return {**book, wish.appointment: replace(known, status=outcome)} if isinstance(outcome, str) else outcome


def _moved(book: Book, known: Taken, wish: Wish, minute: int) -> Book | set[str]:
    target = known.therapist if wish.to is None else wish.to
    if known.status not in {"requested", "booked"}:
        return {"appointment-not-booked"}
    if known.step * 5 <= minute:
        return {"appointment-already-started"}
    if wish.by != "patient" and known.status == "requested":
        return {"request-not-answered"}
    if (target, wish.step) == (known.therapist, known.step) and wish.room in {None, known.room}:
        return book
    found = _placed(book, wish, target, minute, known)
    needs = THERAPISTS[target].confirms and wish.by == "patient" and known.status == "booked"
    if isinstance(found, set):
        return found | ({"confirmation-needed"} if needs else set())
    return {"confirmation-needed"} if needs else {**book, wish.appointment: replace(found, status=known.status)}


def _placed(book: Book, wish: Wish, therapist: int, minute: int, known: Taken | None) -> Taken | set[str]:
    hours = THERAPISTS[therapist]
    if wish.step * 5 < minute:
        return {"in-the-past"}
    if (wish.step * 5) % hours.minutes or wish.step * 5 + hours.minutes > OPEN_MINUTES:
        return {"slot-not-offered"}
    room = hours.room if wish.room is None else wish.room
    patient = wish.patient if known is None else known.patient
    found = Taken(patient, therapist, room, wish.step, hours.minutes, "")
    reasons = set(collisions(found, (other for id_, other in book.items() if id_ != wish.appointment)))
    if "room-taken" in reasons and room == hours.room:
        reasons.add("slot-taken")
    return reasons or found


def _answered(known: Taken, wish: Wish, minute: float) -> str | set[str]:
    begun, lapsed = known.step * 5 <= minute, known.status == "requested" and known.step * 5 <= minute
    match wish.verb:
        case "confirm":
            return {"request-lapsed"} if lapsed else _if(known, {"requested"}, "booked", "appointment-not-requested")
        case "decline":
            return _if(known, {"requested"}, "declined", "appointment-not-requested")
        case "cancel":
            if known.status in {"requested", "booked"} and begun:
                return {"appointment-already-started"}
            return _if(known, {"requested", "booked"}, "cancelled", "appointment-not-booked")
        case "miss":
            if known.status == "booked" and not begun:
                return {"appointment-not-started"}
            return _if(known, {"booked", "missed"}, "missed", "appointment-not-booked")
        case _:
            return _if(known, {"missed"}, "booked", "appointment-not-missed")


def _if(known: Taken, wanted: set[str], then: str, refusal: str) -> str | set[str]:
    return then if known.status in wanted else {refusal}


def explained(book: Book, answers: list[tuple[Wish, str]], minute: int) -> list[Book]:
    """The books that these answers may have come to, given at once: "" is done, else it is why not.

    What was done was done in some order; what was refused was refused somewhere on that way.
    """
    done = [wish for wish, code in answers if not code]
    refused = [(wish, code) for wish, code in answers if code]
    found: list[Book] = []
    for order in permutations(done):
        way: list[Book] = [book]
        for wish in order:
            next_ = after(way[-1], wish, minute)
            if isinstance(next_, set):
                break
            way.append(next_)
        else:
            if all(any(_refuses(one, wish, code, minute) for one in way) for wish, code in refused):
                found.append(way[-1])
    return found


def _refuses(book: Book, wish: Wish, code: str, minute: int) -> bool:
    outcome = after(book, wish, minute)
    moved_away = wish.verb == "move" and code == "version-conflict"
    return moved_away or (isinstance(outcome, set) and code in outcome)


def opening(now: datetime) -> datetime:
    """Nine o'clock of the day."""
    return now.replace(hour=9, minute=0, second=0, microsecond=0)


STEP = timedelta(minutes=5)
