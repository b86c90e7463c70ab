"""Therapy: when therapists can be met, and who meets whom.

Its words: a *schedule* is one set of a therapist's hours, by the clocks of a zone, by video or at a place; a *slot* is
a start it offers; an *appointment* is a slot somebody took; the *calendar* is every appointment of a clinic. Its
schema in PostgreSQL is `therapy`.
"""
