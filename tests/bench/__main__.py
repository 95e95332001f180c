"""`python3 run.py bench`: measures what the performance card promises, as ratios to a floor of the same run.

Works on a database of its own (the runner's test database, made and destroyed here), SQLite by default or what
`KRING_DATABASE_URL` names.
"""

import os
import sys

os.environ.setdefault("KRING_MODE", "test")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

import django

django.setup()

from django.conf import settings
from django.db import connection
from django.test.utils import get_runner, override_settings

from tests.bench import feed, letters, roster


def main() -> int:
    """Run every measurement; exit status 1 when a goal of this step is missed."""
    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        print(f"engine: {connection.vendor}, python {sys.version.split()[0]}, {os.cpu_count()} cores")
        with override_settings(ROOT_URLCONF="tests.bench.urls"):
            missed = [*feed.report(), *roster.report(), *letters.report()]
    finally:
        runner.teardown_databases(databases)
    print("goals missed: " + (", ".join(missed) or "none"))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
