"""Searching slots: how long it takes."""
