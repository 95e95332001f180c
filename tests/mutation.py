"""`python3 run.py mutation [PART…]`: changes the code that says who may see what; counts the changes no test sees.

The changes are mutmut's: a keyword left out of a filter, `<` for `<=`, `and` for `or`, a number one higher, None for an
argument. It makes none in a decorated function and none outside functions.

The tests run once without a change, and of each is written down which functions it reaches. Then each change is tried
in a process of its own, on SQLite, with the tests that reach its function, until one fails: those first that saw
changes there before, in this run or an earlier one, and those whose file has the name of its room; of both, those that
reach least, one of each file in turn. There is one at it for each core. What no test reaches is not seen; where only
the rows reach it that tests stand on, any test may see it. Exit status 1 when fewer than `GOAL` of a hundred are seen.

mutmut's own command copies the tree and asks every test that reaches a function: of the rights, nearly all.
"""

import argparse
import contextlib
import json
import math
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from difflib import unified_diff
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from itertools import accumulate, chain
from multiprocessing import get_context
from pathlib import Path
from types import CodeType, ModuleType
from typing import NamedTuple, Self, TypeVar, cast
from uuid import uuid4

import pytest
from django.db import connection
from mutmut.mutation import trampoline
from mutmut.mutation.file_mutation import MutatedFile, mutate_file_contents
from mutmut.mutation.trampoline import set_mutant_under_test

from tests.ground import Ground, ground_of

ROOT = Path(__file__).resolve().parent.parent
GOAL = 95
PATIENCE = 400
"""Seconds of tests, as they took without a change, after which a change counts as not seen."""
HEAD = 8
"""So many tests are asked in the order of who sees it soonest; the others so that their rows are made once."""
SLACK = 20
"""Seconds of the processor that a test may take besides five times what it took without a change."""
STUCK = 1800
"""Seconds after which a process that waits is given up; what runs every test has as long as it needs."""
WRITTEN = ROOT / "var" / "mutation.json"
"""What the tests reach, as the last run wrote it down."""
SEEN = WRITTEN.with_name("mutation-seen.jsonl")
"""A line for each change that a test saw, in all runs here: it is asked first from then on."""
Mutant = tuple[str, str]
"""Path of the module, and mutmut's name of the change."""

PARTS = {
    "access": ("portal/core/access.py", "portal/core/actor.py", "portal/core/held.py", "portal/core/looking.py"),
    "projections": (
        *("groups/records/services/truth.py", "groups/records/domain/derivation.py"),
        "groups/records/domain/families.py",
        *("consent/clearances/services.py", "consent/clearances/domain/clearing.py"),
        *("messaging/talks/services/seats.py", "messaging/talks/domain/seats.py"),
        "messaging/talks/services/thread_rights.py",
        *("moderation/cases/services/rights.py", "moderation/access_requests/services/rights.py"),
    ),
    "querysets": (
        *("groups/records/querysets/contact_choices.py", "groups/records/querysets/memberships.py"),
        *("groups/records/querysets/people.py", "groups/records/querysets/periods.py"),
        *("groups/records/querysets/restrictions.py", "groups/records/querysets/schools.py"),
        *("groups/records/querysets/truth.py", "groups/letters/querysets.py", "groups/roster/querysets.py"),
        "groups/told/querysets.py",
        *("agenda/events/querysets.py", "agenda/feeds/querysets.py"),
        *("consent/answers/querysets.py", "consent/asking/querysets.py", "consent/clearances/querysets.py"),
        *("messaging/asks/querysets.py", "messaging/handins/querysets.py", "messaging/keeping/querysets.py"),
        *("messaging/newsletter/querysets.py", "messaging/talks/querysets.py", "messaging/urgent/querysets.py"),
        *("messaging/photos/querysets/images.py", "messaging/photos/querysets/review.py"),
        *("messaging/writings/querysets/messages.py", "messaging/writings/querysets/posts.py"),
        "messaging/writings/querysets/letters.py",
        *("messaging/writings/querysets/kinds.py", "messaging/writings/querysets/seen.py"),
        *("moderation/access_requests/querysets.py", "moderation/cases/querysets.py"),
        *("moderation/desk/querysets/desk.py", "moderation/desk/querysets/trail.py"),
        *("moderation/dossier/querysets.py", "moderation/frequency/querysets.py", "moderation/kind_words/querysets.py"),
        "moderation/leaving/querysets.py",
        *("moderation/rules/querysets/evaluations.py", "moderation/rules/querysets/protocols.py"),
    ),
    "consent": (
        *("consent/answers/policies.py", "consent/answers/querysets.py"),
        *("consent/answers/services/choices.py", "consent/answers/services/decisions.py"),
        *("consent/answers/services/history.py", "consent/answers/services/reluctance.py"),
        *("groups/records/domain/ages.py", "consent/asking/domain/rounds.py", "consent/asking/querysets.py"),
        *("consent/asking/services/letters.py", "consent/asking/services/starting.py"),
        "consent/asking/services/texts.py",
        *("consent/clearances/domain/allowed.py", "consent/clearances/domain/clearing.py"),
        *("consent/clearances/querysets.py", "consent/clearances/services.py"),
        *("consent/overview/services.py", "consent/paper/services.py"),
        *("consent/rounds/services/rounds.py", "consent/rounds/services/rules.py", "consent/rounds/steps.py"),
    ),
    "policies": (
        *("groups/records/policies.py", "consent/answers/policies.py", "agenda/events/policies.py"),
        *("messaging/asks/policies.py", "messaging/handins/policies.py", "messaging/photos/policies.py"),
        *("messaging/posts/policies.py", "messaging/talks/policies.py", "messaging/writings/policies.py"),
        "messaging/urgent/policies.py",
        *("moderation/access_requests/policies.py", "moderation/cases/policies.py"),
        *("moderation/kind_words/policies.py", "moderation/leaving/policies.py"),
    ),
    "outbox": (
        *("portal/core/outbox/claims.py", "portal/core/outbox/delivery.py", "portal/core/outbox/holding.py"),
        *("portal/core/outbox/kinds.py", "portal/core/outbox/status.py", "portal/core/outbox/writing.py"),
        *("portal/core/phones/devices.py", "portal/core/phones/line.py", "portal/core/phones/vapid.py"),
        "portal/core/querysets.py",
    ),
}
"""What is changed; a module may be of two parts."""


def _in(folder: str, names: str) -> tuple[str, ...]:
    return tuple(f"tests/{folder}/test_{name}.py" for name in names.split())


TESTS = (
    *_in(
        "core",
        "access alarm checks compiled doctor dossier fast_lane journal metrics middleware mime outbox outbox_rows",
    ),
    *_in("core", "phones"),
    *_in("core", "rings worker"),
    *("tests/agenda", "tests/consent", "tests/failures"),
    *_in("groups", "complaints one_voice roster_identity staff_member"),
    *_in("groups", "changed_address contact_choice derivation first_day guardianships invitations letter_claims"),
    *_in("groups", "notices people_claiming people_pages phone_pages restrictions roster_page school_page shields"),
    *_in("groups", "signin staff_entry tasks told"),
    *_in("messaging", "answering_pages archive asks asks_by_mail audience blurring by_the_roster calling_back cards"),
    *_in(
        "messaging",
        "changing_pages check_media choosing coming cursor_and_lines daily_carer directie editions essential feed",
    ),
    *_in("messaging", "bad_workflow compose_pages directie_pages naming own_child sharing writings"),
    *_in("messaging", "forewords gate_pages gate_service handin_pages handins hard_copies helping joining"),
    *_in("messaging", "kept_texts large_view letter_door names_gate newcomers next_week on_phones photo_pages"),
    *_in("messaging", "photos_service planned_and_left posts_service rather_not reading reading_pages reads_from"),
    *_in("messaging", "refusals removal removing_pages replies_service review seats staff_door talk_mail talk_pages"),
    *_in("messaging", "talk_photos talks_weekly tasks_and_chairs threads_over_time threads_service uploads urgent"),
    *_in("messaging", "visibility ways_out what_comes_along windows"),
    *_in("moderation", "asked_to_change council_beside_rules dossier_heads frequency_hints frequency_property"),
    *_in("moderation", "open_pages rules_property sealed_data"),
    *_in("moderation", "access_requests asking_access cases deciding desk desk_acts dossier_pages evaluations"),
    *_in(
        "moderation",
        "figures frequency frequency_pages kind_words leaving_page left_cases one_family people_lists promises",
    ),
    *_in("moderation", "reports restoring rules_everybody_knows spared told_terms trail true_names waiting who_hid"),
    *_in(
        "permissions",
        "case_rights_property close_by consent_stateful derivation_property feed_property held one_rule",
    ),
    *_in("permissions", "reading_only reads_only_theirs rights seats_property shielded slices"),
)
"""Those that are about these modules."""


def module_name(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def full_name(mutant: Mutant) -> str:
    """As a run prints it."""
    path, name = mutant
    return f"{module_name(path)}.{name}"


def function_of(mutant: Mutant) -> str:
    """The dotted name of what was changed, as mutmut writes it."""
    return full_name(mutant).rpartition("__mutmut_")[0]


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


class Reached(NamedTuple):
    """What a test reaches, and the seconds it took without a change."""

    functions: list[str]
    seconds: float


@dataclass
class Reach:
    """What every test reaches by itself, and what is reached by what it stands on: the rows that many tests share."""

    of: dict[str, Reached] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    failing: list[str] = field(default_factory=list)
    saw: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many changes of a function, or in a module, a test saw."""

    def write(self, path: Path) -> None:
        path.write_text(json.dumps([self.of, sorted(self.shared), self.failing]))

    @classmethod
    def read(cls, *paths: Path) -> Self:
        """As it was written there, by one process or by several that had a part of the tests each."""
        of, shared, failing = zip(*(json.loads(path.read_text()) for path in paths), strict=True)
        reached = {test: Reached(*one) for some in of for test, one in some.items()}
        return cls(reached, set(chain(*shared)), [*chain(*failing)])

    def learn(self, seen: Path) -> None:
        """Who saw what until now: in the runs before, and in the processes beside this one."""
        lines = seen.read_text().splitlines() if seen.exists() else []
        self.saw = Counter(place for line in lines for place in _places(*json.loads(line)))

    def candidates(self, function: str) -> list[str]:
        """The tests that could see a change of this function, in the order in which they are asked."""
        module = function.rpartition(".")[0]

        def likely(test: str) -> tuple[float, ...]:
            reached = self.of[test]
            return -self.saw[function, test], -self.saw[module, test], len(reached.functions), reached.seconds

        reaching = sorted((test for test, reached in self.of.items() if function in reached.functions), key=likely)
        asked = reaching or (sorted(self.of, key=likely) if function in self.shared else [])
        first = {test for test in asked if self.saw[function, test] or is_about(test, module)}
        others = [test for test in asked if test not in first]
        return by_turns(test for test in asked if test in first) + by_turns(others)


LAYERS = {"domain", "policies", "querysets", "services"}
"""Every room has these: a file of tests with such a word in its name is about none of them."""


def is_about(test: str, module: str) -> bool:
    """Whether its file is named after the module or its room: `test_dossier_pages`, `moderation.dossier.querysets`."""
    file = Path(test.partition("::")[0]).stem
    return bool(_words(file.split("_")) & _words(part for part in module.split(".")[1:] if part not in LAYERS))


def _words(names: Iterable[str]) -> set[str]:
    return {name.removesuffix("s") for name in names}


def _places(function: str, test: str) -> list[tuple[str, str]]:
    return [(function, test), (function.rpartition(".")[0], test)]


def note(seen: Path, function: str, test: str) -> None:
    """This test saw a change of this function; at once, as a run of an hour may be stopped."""
    with seen.open("a") as lines:
        lines.write(json.dumps([function, test]) + "\n")


def shares(items: Sequence[pytest.Item], processes: int) -> list[list[str]]:
    """For each process about as many files; the tests of one file stay together and in their order."""
    files: dict[Path, list[str]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item.nodeid)
    return [[*chain(*list(files.values())[one::processes])] for one in range(min(processes, len(files)))]


def by_turns(tests: Iterable[str]) -> list[str]:
    """The first of each file, then the second of each: what one test does not see, its neighbour hardly does."""
    turns = Counter[str]()

    def turn(test: str) -> int:
        file = test.partition("::")[0]
        turns[file] += 1
        return turns[file]

    return sorted(tests, key=turn)


class Recorder:
    """Writes down what each test reaches."""

    def __init__(self) -> None:
        self.reach, self.hits = Reach(), set[str]()

    def hit(self, name: str, caller: str | None = None) -> None:
        self.hits.add(name)

    @contextlib.contextmanager
    def under_tests(self) -> Iterator[None]:
        """What is reached inside is shared: later tests stand on it and do not reach it again."""
        mine, self.hits = self.hits, set()
        yield
        self.reach.shared |= self.hits
        self.hits = mine

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Iterator[None]:
        with contextlib.nullcontext() if fixturedef.scope == "function" else self.under_tests():
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        import_module("portal.core.compiled").forget()  # each test composes its questions itself
        self.hits, began = set(), time.process_time()
        done = yield
        self.reach.of[item.nodeid] = Reached(sorted(self.hits), round(time.process_time() - began, 3))
        return done

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.reach.failing.append(report.nodeid)

    def run(self, items: Sequence[pytest.Item]) -> None:
        """Every test, without a change."""
        lay, recorder = Ground.lay, self

        def laid(self: Ground, name: str) -> None:
            with recorder.under_tests():
                lay(self, name)

        Ground.lay = laid  # type: ignore[method-assign]
        trampoline.record_trampoline_hit = self.hit
        items[0].config.pluginmanager.register(self)
        for _ in _run(items):
            pass
        for test in self.reach.failing:
            self.reach.of.pop(test, None)


def _run(items: Sequence[pytest.Item]) -> Iterator[pytest.Item]:
    """The tests one after the other; each is told before it runs."""
    for item, following in zip(items, [*items[1:], None], strict=True):
        yield item
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def allow(seconds: float) -> None:
    """The processor for so long from here on; then the process is ended by `SIGXCPU`."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 1, resource.RLIM_INFINITY))


def _waited(child: int, limit: float) -> int | None:
    """How the process ended; None when it did not in time."""
    until = time.monotonic() + limit
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    return None


def apart(work: Callable[[], int], log: Path, limit: float = STUCK) -> int | None:
    """Does this in a process of its own; its status, or None when it waited for ever."""
    if (child := os.fork()) == 0:
        os.setsid()
        with log.open("w") as out:
            os.dup2(out.fileno(), 1), os.dup2(out.fileno(), 2)
        status = 1  # what breaks the run itself is seen as well
        with contextlib.suppress(BaseException):
            status = work()
        sys.stdout.flush()
        os._exit(status)
    try:
        return _waited(child, limit)
    finally:  # also when whoever runs this stops it
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)


Task = TypeVar("Task")
Done = TypeVar("Done")
_work: Callable[..., object]


def side_by_side(work: Callable[[Task], Done], tasks: Sequence[Task], processes: int) -> list[Done]:
    """In processes that begin with all that is in the memory of this one."""
    global _work
    _work = work
    with ProcessPoolExecutor(processes, get_context("fork")) as pool:
        return [cast("Done", done) for done in pool.map(_do, tasks)]


def _do(task: object) -> object:
    return _work(task)


@dataclass
class Outcome:
    """`seen` by a test; `endless`, which is seen too; `survived`, `unreached` or `stuck`, which are not."""

    word: str
    by: str = ""

    @property
    def is_seen(self) -> bool:
        return self.word in {"seen", "endless"}


Outcomes = dict[Mutant, Outcome]


class Trials:
    """In place of pytest's own loop over what it collected: writes down what is reached, then tries each change."""

    def __init__(self, given: argparse.Namespace, files: dict[str, MutatedFile], folder: Path) -> None:
        self.given, self.files, self.folder = given, files, folder
        self.here = folder / "here.sqlite3"
        self.early, self.outcomes = set[str](), Outcomes()
        self.sober = set[str]()  # the tests that saw a change and were found to pass without
        trampoline.record_trampoline_hit = self._early_hit
        set_mutant_under_test("stats")

    def _early_hit(self, name: str, caller: str | None = None) -> None:
        self.early.add(name)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        self.reach = self._recorded()
        self.reach.shared |= self.early
        set_mutant_under_test("")
        mutants = drawn(self.files, self.given.sample, self.given.seed, self.given.mutant)
        print(f"{len(mutants)} changes, seed {self.given.seed}", flush=True)
        self._make_the_cast()
        self.outcomes = dict(zip(mutants, side_by_side(self._try, mutants, self.given.processes), strict=True))
        return True

    def _recorded(self) -> Reach:
        """By a process of its own: with it goes what it keeps in memory."""
        if self.given.again:
            return Reach.read(WRITTEN)
        began, parts = time.monotonic(), shares(list(self.items.values()), self.given.processes)
        reach = Reach.read(*side_by_side(self._record, parts, self.given.processes))
        reach.write(WRITTEN)
        print(f"{len(reach.of)} tests ran without a change in {time.monotonic() - began:.0f} s", flush=True)
        for test in reach.failing:
            print(f"left out, as it fails without any change: {test}")
        return reach

    def _record(self, tests: list[str]) -> Path:
        """Runs these without a change; returns where it is written down."""
        written = self.folder / f"reach-{uuid4().hex}.json"  # a quick process has two parts

        def record() -> int:
            recorder = Recorder()
            recorder.run([self.items[test] for test in tests])
            recorder.reach.write(written)
            return 0

        if self._apart(record, limit=math.inf) != 0:
            raise SystemExit(self._mine("log").read_text() + "\nthe tests do not run without any change")
        return written

    def _mine(self, name: str) -> Path:
        """A file of this process alone: others are at it beside this one."""
        folder = self.folder / str(os.getpid())
        folder.mkdir(exist_ok=True)
        return folder / name

    def _apart(self, work: Callable[[], int], limit: float = STUCK) -> int | None:
        """In a process with a database of its own, a copy of the one here."""
        mine = self._mine("mine.sqlite3")

        def on_its_own() -> int:
            connection.settings_dict["TEST"]["NAME"] = str(mine)
            if self.here.exists():
                shutil.copy(self.here, mine)
                connection.settings_dict["NAME"] = str(mine)
            return work()

        try:
            return apart(on_its_own, self._mine("log"), limit)
        finally:
            for left in mine.parent.glob("mine.sqlite3*"):
                left.unlink()

    def _make_the_cast(self) -> None:
        """Once, for all changes: pytest keeps it from one test to the next."""
        connection.settings_dict["TEST"]["NAME"] = str(self.here)
        asked = {item: {*getattr(item, "fixturenames", ())} for item in self.items.values()}
        plain = (item for item in asked if asked[item] & {"cast", "standing"} == {"cast"} and not ground_of(item))
        if (one := next(plain, None)) is None:
            return
        elsewhere = (item for item in asked if item.path != one.path)
        one.config.hook.pytest_runtest_protocol(item=one, nextitem=next(elsewhere, one))
        connection.close()

    def _try(self, mutant: Mutant) -> Outcome:
        began, (path, name) = time.monotonic(), mutant
        self.reach.learn(SEEN)
        outcome = self._outcome(mutant)
        line = f"{outcome.word:9} {time.monotonic() - began:5.1f} s  {full_name(mutant)}  {outcome.by}".rstrip()
        print(line if outcome.is_seen else f"{line}\n{shown(self.files[path], name)}", flush=True)
        return outcome

    def _outcome(self, mutant: Mutant) -> Outcome:
        function, full = function_of(mutant), full_name(mutant)
        tests = [test for test in self.reach.candidates(function) if test in self.items]
        needed = accumulate(self.reach.of[test].seconds for test in tests)
        tests = [test for test, seconds in zip(tests, needed, strict=True) if seconds < self.given.patience]
        if not tests:
            return Outcome("unreached")
        if function not in self.early:
            return self._tried_on_the_cast(mutant, tests)
        words = [sys.executable, "-m", "tests.mutation", "--first", full, *tests]
        status = self._apart(lambda: subprocess.run(words, cwd=ROOT, check=False).returncode)
        return Outcome("seen" if status else "survived" if status == 0 else "stuck")

    def _tried_on_the_cast(self, mutant: Mutant, tests: list[str]) -> Outcome:
        """With the rows that were made without the change."""
        tests = tests[:HEAD] + sorted(tests[HEAD:], key=lambda test: ground_of(self.items[test]))
        status, by = self._asked(tests, full_name(mutant))
        if status == 0:
            return Outcome("survived")
        if status is None:
            return Outcome("stuck")
        if by not in self.sober and self._asked([by], "")[0] != 0:
            print(f"left out, as it fails without any change too: {by}", flush=True)
            self.reach.of.pop(by)
            return self._outcome(mutant)
        self.sober.add(by)
        note(SEEN, function_of(mutant), by)
        return Outcome("endless" if status == -signal.SIGXCPU else "seen", by)

    def _asked(self, tests: Sequence[str], mutant: str) -> tuple[int | None, str]:
        """How a process with this change ended, and which test was its last."""
        last = self._mine("last")

        def work() -> int:
            import_module("portal.core.compiled").forget()
            set_mutant_under_test(mutant)
            items = [self.items[test] for test in tests]
            items[0].session._setupstate.teardown_exact(items[0])  # what stands is of the folder of the cast's test
            for item in _run(items):
                if item.session.testsfailed:
                    break
                last.write_text(item.nodeid)
                allow(SLACK + 5 * self.reach.of[item.nodeid].seconds)
            return int(items[0].session.testsfailed > 0)

        return self._apart(work), last.read_text()


def drawn(
    files: dict[str, MutatedFile], sample: int | None, seed: int, named: Sequence[str] | None = None
) -> list[Mutant]:
    """Changes to try: all, those of these names, or some drawn from all of them alike, in the order of the draw."""
    every = [(path, name) for path, file in files.items() for name in file.mutant_names]
    if named:
        return [one for one in every if full_name(one) in named]
    if sample is None or sample >= len(every):
        return every
    return random.Random(seed).sample(every, sample)


def table(outcomes: Outcomes, files: dict[str, MutatedFile]) -> float:
    """Prints a line per module, per part and for all; returns the score."""
    rows = [(path, {path}) for path in files]
    rows += [(part, set(modules)) for part, modules in PARTS.items() if files.keys() & {*modules}]
    print(f"\n{'module':44} {'of':>5} {'tried':>6} {'seen':>6} {'endless':>8} {'survived':>9} {'score':>7}")
    score = 100.0
    for name, paths in [*rows, ("all", set(files))]:
        words = [outcome.word for (path, _), outcome in outcomes.items() if path in paths]
        seen = [outcome.is_seen for (path, _), outcome in outcomes.items() if path in paths].count(True)
        of = sum(len(file.mutant_names) for path, file in files.items() if path in paths)
        score = 100 * seen / len(words) if words else 100.0
        said = f"{score:5.1f} %" if words else "–"
        counts = f"{words.count('seen'):6} {words.count('endless'):8} {len(words) - seen:9}"
        print(f"{name:44} {of:5} {len(words):6} {counts} {said:>7}")
    return score


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py mutation", description=__doc__.split("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--sample", type=int, help="try so many, drawn at random (all)")
    parser.add_argument("--seed", type=int, default=1, help="of that draw (1)")
    parser.add_argument("--mutant", action="append", help="try this one alone, by the name that a run printed")
    parser.add_argument("--tests", nargs="*", default=TESTS, help="with these tests alone")
    parser.add_argument("--again", action="store_true", help="with what the last run wrote down of the tests")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="side by side (one for each core)")
    parser.add_argument("--patience", type=float, default=PATIENCE, help=f"seconds of tests for one ({PATIENCE})")
    given = parser.parse_args(words)
    if unknown := set(given.parts) - PARTS.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return given


def report(outcomes: Outcomes, files: dict[str, MutatedFile]) -> int:
    """The table; exit status 1 under the goal, and where nothing was tried."""
    score = table(outcomes, files)
    if not outcomes:
        print("\nnothing was tried")
        return 1
    print(f"\ngoal: {GOAL} %, " + ("met" if score >= GOAL else "missed"))
    return 0 if score >= GOAL else 1


def _pytest(words: Sequence[str], *plugins: object) -> int:
    always = ["-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not bench and not long and not nightly"]
    return int(pytest.main([*always, "--hypothesis-profile=mutation", "--tb=line", *words], plugins=list(plugins)))


def main() -> int:
    """Draw, try, print."""
    os.environ |= {"KRING_MODE": "test", "CI": "true", "DJANGO_SETTINGS_MODULE": "portal.settings"}
    for name in ("KRING_DATABASE_URL", "KRING_REDIS_URL"):
        os.environ.pop(name, None)
    if sys.argv[1:2] == ["--first"]:
        return changed_from_the_start(sys.argv[2], sys.argv[3:])
    given = arguments()
    paths = dict.fromkeys(path for name in given.parts or PARTS for path in PARTS[name])
    files = {path: mutate_file_contents(path, (ROOT / path).read_text()) for path in paths}
    sys.meta_path.insert(0, Mutated(files))
    with tempfile.TemporaryDirectory() as folder:
        trials = Trials(given, files, Path(folder))
        _pytest(given.tests, trials)
    return report(trials.outcomes, files)


def changed_from_the_start(mutant: str, tests: Sequence[str]) -> int:
    """For what runs while the modules are imported: the tests in a Python that never knew it without the change."""
    path = next(path for paths in PARTS.values() for path in paths if mutant.startswith(f"{module_name(path)}."))
    sys.meta_path.insert(0, Mutated({path: mutate_file_contents(path, (ROOT / path).read_text())}))
    set_mutant_under_test(mutant)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KRING_DATA_DIR"] = folder
        return _pytest(["-x", *tests])


if __name__ == "__main__":
    sys.exit(main())
