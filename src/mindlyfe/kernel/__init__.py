"""What every context stands on; knows none of them."""
