"""What tests of any context need: clocks, principals, given/when/then, a running stack."""
