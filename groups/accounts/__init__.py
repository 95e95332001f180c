"""Accounts: codes by mail, guessing held off, sessions, notices, and which hats somebody wears."""
