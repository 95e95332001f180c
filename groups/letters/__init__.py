"""Coming in: invitations, letters with a code, and who used which."""
