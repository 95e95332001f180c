"""Copies of what was removed: read, printed, checked, and destroyed when their time is over."""
