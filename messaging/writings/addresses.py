"""Names of pages of apps above, which register where they are."""

REPORT = "report"
"""Where somebody reports what was written."""
REPORT_AUTHOR = "report_author"
"""Where somebody reports who wrote it."""
