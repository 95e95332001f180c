"""Where the modules of a layer stand: in an app, or in each of its rooms."""

from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ["portal/core", "groups", "consent", "agenda", "messaging", "moderation"]


def modules(*layers: str) -> list[Path]:
    """Every module of our apps in one of these layers, packages included."""
    wanted = [*(f"{layer}.py" for layer in layers), *(f"{layer}/**/*.py" for layer in layers)]
    places = [*wanted, *(f"*/{one}" for one in wanted if one not in {"tasks.py", "tasks/**/*.py"})]
    return sorted({path for app in APPS for place in places for path in (ROOT / app).glob(place)})
