"""Names of pages of apps above, which register where they are."""

REPORT = "report"
"""Where somebody reports what was written, or who wrote it."""
