"""The moments of the tests of this app."""

from datetime import UTC, datetime

from tests.rows import SINCE

NOW = datetime(2026, 11, 20, 13, 10, tzinfo=UTC)
LONG_AGO = SINCE
