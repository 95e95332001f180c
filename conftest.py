"""Before any setting is read: how many random examples the tests draw, and a Redis number per xdist worker.

In CI the draws are the same each time, so that a red run points at the change and not at luck.
"""

import os

from hypothesis import settings

settings.register_profile("daily", deadline=None, derandomize="CI" in os.environ)
settings.register_profile("long", deadline=None, max_examples=5000)
settings.load_profile("daily")

if (redis_url := os.environ.get("KRING_REDIS_URL")) and (worker := os.environ.get("PYTEST_XDIST_WORKER")):
    server, _, number = redis_url.rpartition("/")
    os.environ["KRING_REDIS_URL"] = f"{server}/{(int(number) + int(worker.removeprefix('gw'))) % 16}"
