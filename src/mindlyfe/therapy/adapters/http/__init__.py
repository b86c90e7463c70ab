"""The HTTP face of therapy: one module per resource."""
