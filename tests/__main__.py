"""`python3 run.py test [ARGUMENT…]`: pytest on every core, with a browser where there is one."""

import argparse
import os
import sys
from collections.abc import Sequence

import pytest

import run
from tests.chromium import find_chromium, warn_no_chromium

EVERY_RUN = "not bench and not long and not nightly"
"""Which tests are run when nobody chose by `-m`."""


def pytest_arguments(given: Sequence[str], *, long: bool) -> list[str]:
    """On all cores, and only what is for every run, unless the caller arranged these himself."""
    arguments = list(given)
    if not any(word.startswith(("-n", "--numprocesses", "--pdb", "--trace", "no:xdist")) for word in arguments):
        arguments = ["-n", "auto", "--dist", "loadgroup", *arguments]
    if not any(word.startswith("-m") for word in arguments):
        arguments += ["-m", "not bench" if long else EVERY_RUN]
    return [*arguments, "--hypothesis-profile=long", "-o", "faulthandler_timeout=14400"] if long else arguments


def read_command_line(words: Sequence[str]) -> tuple[bool, list[str]]:
    """Whether the long sizes are asked for, and what is for pytest, in its order."""
    parser = argparse.ArgumentParser(prog="run.py test", allow_abbrev=False, add_help=False)
    parser.add_argument("--long", action="store_true", help="with the sizes that take hours rather than minutes")
    options, rest = parser.parse_known_args(words)
    return options.long, rest


def main() -> int:
    """The exit status of pytest."""
    long, rest = read_command_line(sys.argv[1:])
    chromium = find_chromium()
    if chromium:
        os.environ["KRING_CHROMIUM"] = chromium
    status = pytest.main(pytest_arguments(rest, long=long))
    if chromium is None:
        warn_no_chromium()
    return int(status)


if __name__ == "__main__":
    sys.exit(run.in_words(main))
