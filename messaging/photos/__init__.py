"""Photos: taken in, made once, placed behind the gate, blurred, and looked through after a no."""
