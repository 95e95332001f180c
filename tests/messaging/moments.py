"""The moments of the tests of this app."""

from datetime import UTC, datetime

NOW = datetime(2026, 11, 20, 13, 10, tzinfo=UTC)
LONG_AGO = datetime(2026, 8, 1, tzinfo=UTC)
YEAR_END = datetime(2027, 8, 1, tzinfo=UTC)
ARCHIVE_END = datetime(2027, 12, 31, tzinfo=UTC)
