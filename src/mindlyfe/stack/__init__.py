"""The embedded servers and the supervisor that keeps them running."""
