"""Use cases: check who asks, decide, append; one class per aggregate."""
