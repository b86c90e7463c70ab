"""Stand-ins for tests of therapy."""
