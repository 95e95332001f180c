"""The school's own export: read, compared with what is there, confirmed and taken over."""
