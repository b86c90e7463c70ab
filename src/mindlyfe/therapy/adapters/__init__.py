"""Where therapy meets the outside: HTTP, PostgreSQL, other contexts."""
