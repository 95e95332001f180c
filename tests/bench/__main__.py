"""`python3 run.py bench [PART…]`: measures what the performance card promises, as ratios to a floor of the same run.

A part is one of `PARTS`; `--grown` is the part of that name. Works on a database of its own (the runner's test
database, made and destroyed here), SQLite by default or what `KRING_DATABASE_URL` names.
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

from tests.bench import consent, country, evening, feed, grown, letters, photos, restore, roster, served, walk, year

EVERY = (feed, served, walk, grown, country, roster, letters, photos, consent, evening, restore, year)
PARTS = {part.__name__.rpartition(".")[2]: part for part in EVERY}


def main(*names: str) -> int:
    """Run these parts, or every one; exit status 1 when a goal is missed, 2 for a part that does not exist."""
    names = tuple(name.removeprefix("--") for name in names)
    if unknown := [name for name in names if name not in PARTS]:
        print(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    connection.close()  # the next one has the settings that `migrate` wrote into the database
    try:
        print(f"engine: {connection.vendor}, python {sys.version.split()[0]}, {os.cpu_count()} cores")
        with override_settings(ROOT_URLCONF="tests.bench.urls"):
            missed = [goal for name in names or PARTS for goal in PARTS[name].report()]
    finally:
        runner.teardown_databases(databases)
    print("goals missed: " + (", ".join(missed) or "none"))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
