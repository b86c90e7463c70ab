"""What therapy knows by itself: facts, state, rules. No I/O, no clock, no ids made here."""
