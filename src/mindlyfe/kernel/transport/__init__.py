"""How messages travel between contexts: one port, two carriers."""
