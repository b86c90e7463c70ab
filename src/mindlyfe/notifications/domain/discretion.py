"""Words that tell others of treatment: they stand in no subject and in no text message. Pure."""

import re
import unicodedata
from typing import Final

TELLING: Final = (
    # English
    *("therap", "psych", "depress", "anxi", "suicid", "self-harm", "diagnos", "disorder", "mental", "counsel"),
    *("medicat", "trauma", "addict", "crisis", "bipolar", "schizo", "panic", "overdose", "treatment", "symptom"),
    # German
    *("angst", "suizid", "selbstmord", "selbstverletz", "storung", "medikament", "sucht", "krise", "behandlung"),
    # French
    *("angoiss", "trouble", "medicament", "toxicoman", "crise", "traitement", "dependance"),
)
"""Beginnings of words, without accents. A list cannot be whole: that is why texts hold only three values besides."""
_FOUND: Final = re.compile(rf"\b(?:{'|'.join(map(re.escape, TELLING))})\w*")


def telling_word(words: str) -> str | None:
    """The first word that tells of treatment, as it stands there without accents; None: there is none known."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", words) if not unicodedata.combining(one))
    found = _FOUND.search(plain.casefold())
    return found.group() if found else None
