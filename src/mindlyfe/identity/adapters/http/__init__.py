"""The HTTP face of identity, a module per resource."""
