"""Taking away: hidden, shown again, taken back, and removed with a copy in the dossier."""
