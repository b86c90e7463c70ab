"""Therapy: when therapists can be met, and who meets whom.

Its words: *hours* are a therapist's weekly rules in a time zone; a *slot* is a start they offer; an *appointment* is a
slot somebody took; the *calendar* is every appointment of a clinic. Its schema in PostgreSQL is `therapy`.
"""
