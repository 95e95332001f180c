"""A kind word of one parent to another about a reply, in the fixed words of the school (POL-66)."""
