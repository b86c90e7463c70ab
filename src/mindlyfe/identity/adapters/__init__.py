"""Where identity meets the outside: read models, hashing, signing, HTTP."""
