"""What is true of people, accounts and clinics: pure, without I/O, clock or ids made here."""
