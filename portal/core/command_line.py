"""What `manage.py` says when the database, or the disk, does not let a command do its work: a sentence, and its status.

A traceback would say it in the words of the driver, which quote the row: somebody's address, in the log of a machine.
"""

import os
import sqlite3
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Sequence
from datetime import date

import psycopg2
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import Error
from django.db.models import Field

from portal.core.domain.faults import OF_THE_DISK, Fault, came_from, fault_of, traceback_without_words

NOT_NOW = 3
"""Of its own: with 1 a command says what it found, with 2 that it was asked in a way that it does not know."""
UNDEFINED = {"3F000", "42P01", "42703"}
REFUSED, TOO_LONG = "42501", "22001"
STOPPED = 130
OF_ANOTHER_RELEASE = "Its tables are not there, or of another release than this Kring. Run: manage.py migrate"
LONGER = "A name or an address is longer than there is room for. Nothing was written."
NOT_ALLOWED = "This role may not do that. Run it with the role that owns the tables: see docs/operations.md."
SAID = {
    Fault.AWAY: "It does not answer, or does not let Kring in. Is it on, is its address right, and has its disk room?",
    Fault.BUSY: "It let this wait for too long. Try again when it is quieter.",
    Fault.READ_ONLY: "Nothing can be written in it: its disk is full, or it is a copy of another one.",
    Fault.NO_ROOM: "A disk of this machine is full, or can only be read.",
}


def main(words: Sequence[str]) -> int:
    """Carry out a command; the status with which the process ends."""
    try:
        execute_from_command_line(list(words))
        sys.stdout.flush()  # where nobody reads on any more, here and not when Python ends
    except (Error, psycopg2.Error) as error:
        return _told("the database did not do this", _why(error))
    except ImproperlyConfigured as error:
        return _told("the settings are not right", str(error))
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left is for nobody
        return 0
    except OSError as error:
        if not error.filename and error.errno not in OF_THE_DISK:
            raise
        return _told(f"{error.filename or 'a file'} cannot be used", f"{error.strerror}.")
    return 0


def fitting(field: Field) -> Callable[[str], str]:
    """For an argument of a command: SQLite would keep more than there is room for, and PostgreSQL never take it."""

    most = field.max_length or 0

    def read(typed: str) -> str:
        if len(typed) > most:
            raise ArgumentTypeError(f"is longer than {most} characters")
        return typed

    return read


def a_day(typed: str) -> date:
    """For an argument of a command, in words of ours where it is none."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise ArgumentTypeError("is no day, as 2026-12-19 is one") from None


def _told(what: str, why: str) -> int:
    print(f"Not done: {what}. {why}", file=sys.stderr)
    return NOT_NOW


def _why(error: BaseException) -> str:
    if fault := fault_of(error):
        return SAID[fault]
    numbers = {getattr(one, "pgcode", None) for one in came_from(error)}
    if numbers & UNDEFINED or _is_undefined_in_sqlite(error):
        return OF_ANOTHER_RELEASE
    if REFUSED in numbers:
        return NOT_ALLOWED
    if TOO_LONG in numbers:
        return LONGER
    return "\n" + traceback_without_words(error)


def _is_undefined_in_sqlite(error: BaseException) -> bool:
    """It has no number for this: the words begin with what is not there."""
    return any(
        isinstance(one, sqlite3.OperationalError) and str(one).startswith(("no such table", "no such column"))
        for one in came_from(error)
    )
