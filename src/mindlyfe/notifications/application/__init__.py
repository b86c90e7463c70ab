"""Use cases of notifications: what it does on events of others, and the sender."""
