"""The use cases of therapy."""
