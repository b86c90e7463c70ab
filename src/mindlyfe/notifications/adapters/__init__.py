"""Where notifications meets the world: HTTP, read models, SMTP, templates."""
