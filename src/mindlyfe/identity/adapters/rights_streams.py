"""The streams of a person's rights: copies, corrections, erasure."""

from mindlyfe.identity.adapters.corrections import Corrections
from mindlyfe.identity.adapters.erasures import Cases, Erasures
from mindlyfe.identity.adapters.exports import Exports
from mindlyfe.identity.domain import correction, erasure, erasure_request, export
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.secrecy import Keys
from mindlyfe.kernel.streams import Streams


def exports(database: Database, keys: Keys) -> Streams[export.Export, export.Change]:
    """Copies of what is known of a person."""
    return Streams(
        database,
        keys,
        name="export",
        events=export.Change,
        evolve=export.evolve,
        subject=lambda state: state.person,
        inline=(Exports(database),),
    )


def cases(database: Database, keys: Keys) -> Streams[erasure_request.Case, erasure_request.Change]:
    """Wishes to be erased, and holds on it."""
    return Streams(
        database,
        keys,
        name="erasure-request",
        events=erasure_request.Change,
        evolve=erasure_request.evolve,
        subject=lambda state: state.person,
        inline=(Cases(database),),
    )


def corrections(database: Database, keys: Keys) -> Streams[correction.Correction, correction.Change]:
    """What a person wants corrected."""
    return Streams(
        database,
        keys,
        name="correction",
        events=correction.Change,
        evolve=correction.evolve,
        subject=lambda state: state.person,
        inline=(Corrections(database),),
    )


def erasures(database: Database, keys: Keys) -> Streams[erasure.Erasure, erasure.Change]:
    """Erasings, step by step. They hold ids alone, so nobody's key seals them."""
    return Streams(
        database, keys, name="erasure", events=erasure.Change, evolve=erasure.evolve, inline=(Erasures(database),)
    )
