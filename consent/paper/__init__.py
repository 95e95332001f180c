"""Forms on paper: printed, scanned, and written down by the office."""
