"""`manage.py fast_lane`: sends codes and safety notices, beside the worker that sends all other mail."""

import signal
from argparse import ArgumentParser
from pathlib import Path
from threading import Event

from django.core.management.base import BaseCommand

from portal.core.fast_lane import serve


class Command(BaseCommand):
    help = "Send codes and safety notices until told to stop (SIGTERM)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--heartbeat", type=Path, help="a file that is touched as long as the lane goes on")

    def handle(self, *args: object, heartbeat: Path | None, **options: object) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        serve(stop, heartbeat=heartbeat)
