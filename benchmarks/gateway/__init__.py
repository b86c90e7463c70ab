"""What a read costs: our services and FastAPI side by side, directly and through Envoy."""
