"""A school that leaves Kring: decided by two, told to everybody, gone on its day, with a certificate (F7)."""
