"""`python3 run.py mutation [PART…]`: changes the code that says who may see what; counts the changes no test sees.

The changes are mutmut's: a keyword left out of a filter, `<` for `<=`, `and` for `or`, a number one higher, None for an
argument. It makes none in a decorated function and none outside functions. Each is tried by a process of its own, on
SQLite, with the tests of its part (`PARTS`) until one fails; examples are drawn the same each time. Exit status 1 when
fewer than `GOAL` of a hundred are seen.

mutmut's own command copies the tree and runs each test that touches a function: of the rights, nearly every test.
"""

import argparse
import contextlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

import pytest
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from mutmut.mutation.file_mutation import MutatedFile, mutate_file_contents
from mutmut.mutation.trampoline import set_mutant_under_test

ROOT = Path(__file__).resolve().parent.parent
GOAL = 95
LIMIT = 1800  # seconds for the tests of a part without a change; with one, twice what they took, and a minute


@dataclass(frozen=True)
class Part:
    """Modules, and the tests that are about them: those that fail soonest first."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


def _in(folder: str, *names: str) -> tuple[str, ...]:
    return tuple(f"tests/{folder}/test_{name}.py" for name in names)


PARTS = {
    "access": Part(
        ("portal/core/access.py", "portal/core/actor.py"),
        (
            *_in("permissions", "rights"),
            *_in("consent", "clearances"),
            *_in("groups", "restrictions"),
            *_in("moderation", "left_cases"),
            *_in("core", "middleware", "checks", "compiled"),
            *_in("permissions", "derivation_property", "one_rule"),
        ),
    ),
    "held": Part(("portal/core/held.py",), (*_in("core", "compiled"), *_in("permissions", "held"))),
    "groups": Part(
        ("groups/records/services/truth.py", "groups/records/domain/derivation.py", "groups/records/querysets.py"),
        (
            *_in("groups", "derivation", "shields", "tasks", "restrictions", "guardianships"),
            *_in(
                "groups", "people_pages", "people_claiming", "letter_claims", "staff_entry", "invitations", "first_day"
            ),
            *_in("groups", "contact_choice", "changed_address", "school_page", "signin", "roster_page"),
            *_in("permissions", "rights", "derivation_property", "shielded", "one_rule"),
        ),
    ),
    "consent": Part(
        (
            *(
                "consent/clearances/services.py",
                "consent/clearances/domain/clearing.py",
                "consent/clearances/domain/allowed.py",
            ),
            *("consent/clearances/querysets.py", "consent/asking/querysets.py", "consent/answers/querysets.py"),
        ),
        (
            *_in("consent", "clearing", "clearances", "worlds", "who_decides"),
            "tests/consent",
            *_in("permissions", "consent_stateful"),
            *_in("messaging", "rather_not", "refusals"),
        ),
    ),
    "messaging": Part(
        (
            *(
                "messaging/talks/services/seats.py",
                "messaging/talks/domain/seats.py",
                "messaging/talks/services/thread_rights.py",
            ),
            *(
                "messaging/talks/querysets.py",
                "messaging/writings/querysets/posts.py",
                "messaging/writings/querysets/messages.py",
                "messaging/writings/querysets/seen.py",
                "messaging/photos/querysets/images.py",
            ),
            *(
                "messaging/photos/querysets/review.py",
                "messaging/handins/querysets.py",
                "messaging/newsletter/querysets.py",
                "messaging/keeping/querysets.py",
                "messaging/asks/querysets.py",
            ),
        ),
        (
            *_in("messaging", "seats", "visibility", "reads_from", "feed", "threads_service"),
            *_in("messaging", "threads_over_time", "directie", "newcomers", "joining", "letter_door"),
            *_in("messaging", "asks", "kept_texts", "calling_back"),
            *_in("messaging", "audience", "posts_service", "replies_service", "reading", "large_view", "ways_out"),
            *_in("messaging", "review", "handins", "gate_service", "rather_not", "refusals", "uploads", "editions"),
            *_in("messaging", "photos_service", "talk_pages", "removal", "blurring", "cards", "talk_photos"),
            *_in("messaging", "removing_pages", "photo_pages"),
            *_in("permissions", "seats_property", "feed_property", "one_rule"),
        ),
    ),
    "moderation": Part(
        (
            *(
                "moderation/cases/services/rights.py",
                "moderation/access_requests/services/rights.py",
                "moderation/access_requests/querysets.py",
            ),
            *("moderation/cases/querysets.py", "moderation/dossier/querysets.py", "moderation/desk/querysets/desk.py"),
            *("moderation/rules/querysets/evaluations.py", "moderation/frequency/querysets.py"),
            *("moderation/rules/querysets/protocols.py", "moderation/desk/querysets/trail.py"),
            *("groups/told/querysets.py", "moderation/kind_words/querysets.py", "moderation/kind_words/policies.py"),
        ),
        (
            *_in("groups", "told"),
            *_in("moderation", "kind_words"),
            *_in("moderation", "left_cases", "reports", "trail", "one_family", "desk"),
            *_in("moderation", "cases", "access_requests", "dossier_pages", "evaluations", "frequency", "spared"),
            *_in("moderation", "frequency_pages", "rules_everybody_knows", "desk_acts", "who_hid", "true_names"),
        ),
    ),
}


def module_name(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def tests_of(path: str) -> list[str]:
    """The tests of the part it belongs to, those first that bear the module's name: frequency, cases, handins."""
    part = next(part for part in PARTS.values() if path in part.modules)
    return sorted(part.tests, key=lambda test: Path(path).stem.removesuffix("s") not in test)


class Mutated(SourceFileLoader, MetaPathFinder):
    """Imports the modules with every change in them; `set_mutant_under_test` says which one of them holds."""

    def __init__(self, files: dict[str, MutatedFile]) -> None:
        self.files = {module_name(path): (str(ROOT / path), file) for path, file in files.items()}

    def find_spec(self, fullname: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname not in self.files:
            return None
        return spec_from_file_location(fullname, self.files[fullname][0], loader=self)

    def get_filename(self, name: str | None = None) -> str:
        return self.files[name or ""][0]

    def get_code(self, fullname: str) -> CodeType:
        where, file = self.files[fullname]
        return compile(file.code, where, "exec", dont_inherit=True)

    def get_source(self, fullname: str) -> str:
        return self.files[fullname][1].code


def shown(file: MutatedFile, mutant: str) -> str:
    """What the change is, as the lines that differ."""
    lines = file.code.splitlines()

    def body(name: str) -> list[str]:
        span = file.line_span_by_function_name[name]
        return [line for line in lines[span.start - 1 : span.end] if "__mutmut_" not in line]

    changes = unified_diff(body(f"{mutant.rpartition('_')[0]}_orig"), body(mutant), n=0, lineterm="")
    return "\n".join(line for line in changes if not line.startswith(("---", "+++", "@@")))


class Soonest:
    """What asks no database goes first; pytest-django keeps it for the end."""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: "django_db" in item.keywords or "db" in getattr(item, "fixturenames", ()))


def _pytest(*words: str) -> int:
    always = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not bench and not long and not nightly"]
    return int(pytest.main([*always, *words], plugins=[Soonest()]))


@contextlib.contextmanager
def _database(folder: Path) -> Iterator[Path]:
    """A database with the schema and nobody in it."""
    made = folder / "schema.sqlite3"
    connection.settings_dict["TEST"]["NAME"] = str(folder / "made.sqlite3")
    databases = setup_databases(0, interactive=False)
    connection.close()
    shutil.copy(folder / "made.sqlite3", made)
    teardown_databases(databases, 0)
    yield made


def _waited(child: int, limit: float) -> int | None:
    """How the process ended; None when it did not in time."""
    until = time.monotonic() + limit
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    return None


def tried(mutant: str, tests: Iterable[str], schema: Path, log: Path, limit: float) -> str:
    """Runs the tests with this change, in a process of its own: `killed`, `survived` or `timeout`."""
    if (child := os.fork()) == 0:
        os.setsid()
        with log.open("w") as out:
            os.dup2(out.fileno(), 1), os.dup2(out.fileno(), 2)
        mine = schema.with_name(f"test-{os.getpid()}.sqlite3")
        shutil.copy(schema, mine)
        connection.settings_dict["TEST"]["NAME"] = str(mine)
        set_mutant_under_test(mutant)
        status = 1  # what breaks the run itself is seen as well
        with contextlib.suppress(BaseException):
            status = _pytest("-x", "--reuse-db", "--hypothesis-profile=mutation", "--tb=line", *tests)
        sys.stdout.flush()
        os._exit(status)
    try:
        ended = _waited(child, limit)
    finally:  # also when whoever runs this stops it
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
    for left in schema.parent.glob(f"test-{child}.sqlite3*"):
        left.unlink()
    return "timeout" if ended is None else "killed" if ended else "survived"


def drawn(files: dict[str, MutatedFile], sample: int | None, seed: int) -> list[tuple[str, str]]:
    """Changes to try, as path and name: all, or some drawn from all of them alike."""
    every = [(path, name) for path, file in files.items() for name in file.mutant_names]
    if sample is None or sample >= len(every):
        return every
    chosen = set(random.Random(seed).sample(range(len(every)), sample))
    return [one for at, one in enumerate(every) if at in chosen]


Outcomes = dict[tuple[str, str], str]


def table(outcomes: Outcomes, files: dict[str, MutatedFile]) -> float:
    """Prints a line per module and one for all; returns the score."""
    rows: list[tuple[str, Sequence[str]]] = [
        (path, [outcome for (of, _), outcome in outcomes.items() if of == path]) for path in files
    ]
    rows.append(("all", list(outcomes.values())))
    print(f"\n{'module':44} {'of':>5} {'tried':>6} {'killed':>7} {'survived':>9} {'timeout':>8} {'score':>7}")
    score = 100.0
    for path, found in rows:
        of = len(files[path].mutant_names) if path in files else sum(len(file.mutant_names) for file in files.values())
        survived = found.count("survived")
        score = 100 * (1 - survived / len(found)) if found else 100.0
        said = f"{score:5.1f} %" if found else "–"
        counts = f"{found.count('killed'):7} {survived:9} {found.count('timeout'):8}"
        print(f"{path:44} {of:5} {len(found):6} {counts} {said:>7}")
    return score


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py mutation", description=__doc__.split("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--sample", type=int, help="try so many, drawn at random (all)")
    parser.add_argument("--seed", type=int, default=1, help="of that draw (1)")
    parser.add_argument("--mutant", action="append", help="try this one alone, by the name that a run printed")
    given = parser.parse_args(words)
    if unknown := set(given.parts) - PARTS.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return given


def report(outcomes: Outcomes, files: dict[str, MutatedFile]) -> int:
    """The table; exit status 1 under the goal."""
    score = table(outcomes, files)
    print(f"\ngoal: {GOAL} %, " + ("met" if score >= GOAL else "missed"))
    return 0 if score >= GOAL else 1


def main() -> int:
    """Draw, try, print."""
    given = arguments()
    os.environ |= {"KRING_MODE": "test", "CI": "true", "DJANGO_SETTINGS_MODULE": "portal.settings"}
    for name in ("KRING_DATABASE_URL", "KRING_REDIS_URL"):
        os.environ.pop(name, None)
    part_of = {path: PARTS[name] for name in given.parts or PARTS for path in PARTS[name].modules}
    files = {path: mutate_file_contents(path, (ROOT / path).read_text()) for path in part_of}
    mutants = drawn(files, given.sample, given.seed)
    if given.mutant:
        every = drawn(files, None, 0)
        mutants = [one for one in every if f"{module_name(one[0])}.{one[1]}" in given.mutant]
    print(f"{len(mutants)} of {sum(len(file.mutant_names) for file in files.values())} changes, seed {given.seed}")
    sys.meta_path.insert(0, Mutated(files))
    set_mutant_under_test("")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        every_test = dict.fromkeys(test for part in part_of.values() for test in part.tests)
        if _pytest("--collect-only", "-qq", *every_test):  # imports everything once, for all the processes
            return 2
        with _database(folder) as schema:
            limits = {}
            for name in given.parts or PARTS:
                began = time.monotonic()
                if tried("", PARTS[name].tests, schema, folder / "log", LIMIT) != "survived":
                    print((folder / "log").read_text() + f"\nthe tests of {name} fail without any change")
                    return 2
                took = time.monotonic() - began
                limits[PARTS[name]] = 2 * took + 60
                print(f"{name}: its tests pass without a change in {took:.0f} s", flush=True)
            outcomes: Outcomes = {}
            for path, mutant in mutants:
                began, name = time.monotonic(), f"{module_name(path)}.{mutant}"
                outcomes[path, mutant] = tried(name, tests_of(path), schema, folder / "log", limits[part_of[path]])
                print(f"{outcomes[path, mutant]:8} {time.monotonic() - began:5.1f} s  {name}", flush=True)
                if outcomes[path, mutant] == "survived":
                    print(shown(files[path], mutant), flush=True)
    return report(outcomes, files)


if __name__ == "__main__":
    sys.exit(main())
