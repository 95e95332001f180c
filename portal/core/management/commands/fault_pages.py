"""`manage.py fault_pages`: what the front shows when Kring cannot answer, written beside the static files."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand
from django.template.loader import render_to_string
from django.utils import translation

PAGES = {
    "away": ("503.html", 15),
    "busy": ("busy.html", 3),
    "crowded": ("429.html", 60),
    "wrong": ("500.html", 0),
    "large": ("413.html", 0),
    "unclear": ("400.html", 0),
    "missing": ("404_alone.html", 0),
}
"""For `error_page` in deploy/nginx.conf: by name, the page and after how many seconds it asks again."""


class Command(BaseCommand):
    help = "Writes the pages of deploy/nginx.conf for 4xx and 5xx, in each language, after collectstatic."

    def handle(self, *args: object, **options: object) -> None:
        """Each twice: for what was asked for, and for what was sent, which no page may send again."""
        for language, _name in settings.LANGUAGES:
            folder = Path(settings.STATIC_ROOT) / "faults" / language
            folder.mkdir(parents=True, exist_ok=True)
            with translation.override(language):
                for name, (template, seconds) in PAGES.items():
                    for way, is_sent in (("read", False), ("sent", True)):
                        told = {"seconds": seconds, "is_sent": is_sent, "is_busy": name == "busy"}
                        page = render_to_string(template, told)
                        (folder / f"{name}-{way}.html").write_text(page)
