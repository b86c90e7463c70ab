"""Therapy: when therapists can be met, who meets whom, and what is written of it.

Its words: a *schedule* is one set of a therapist's hours, by the clocks of a zone, by video or at a place; a *slot* is
a start it offers; an *appointment* is a slot somebody took; the *calendar* is every appointment of a clinic; a *note*
is what a clinician writes of a patient. Its schema in PostgreSQL is `therapy`.
"""
