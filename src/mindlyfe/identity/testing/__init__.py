"""People for tests, who sign in as people do."""
