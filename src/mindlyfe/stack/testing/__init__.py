"""Servers that tests start, kill and start again."""
