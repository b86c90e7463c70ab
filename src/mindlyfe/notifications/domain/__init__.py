"""What notifications decides, without I/O."""
