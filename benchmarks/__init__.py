"""Measurements side by side with what others offer; one command each."""
