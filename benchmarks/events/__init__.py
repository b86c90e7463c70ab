"""What an event costs: appended, relayed, read again; ours beside a library's and PostgreSQL's own."""
