"""How fast messages leave."""
