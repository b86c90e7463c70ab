"""Shared by the tests of therapy."""
