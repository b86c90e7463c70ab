"""What signing in, refreshing, deciding and revoking cost."""
