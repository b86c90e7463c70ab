"""Notifications: what people are told, by which channel, and what became of each message. Schema `notifications`.

Its words: a *delivery* is one message to one recipient; an *attempt* offers it to the providers of its
channel, a *try* each, until one takes it; a delivery that
cannot be handed over becomes a *dead letter* until somebody *redrives* it.
"""
