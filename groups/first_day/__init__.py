"""The first day of a school in Kring: what there is to set up, and the act that opens it to parents."""
