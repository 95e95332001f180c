"""Where a leak is planted: a class, a function, a method or a name of ours, wherever its module stands now.

`PostQuerySet.visible_to` is found by itself; where a name stands in several modules, `seats:of_people` says in which,
by the end of its dotted name. What is changed is compared word by word, not by how its lines are broken.
"""

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from tests.layers import ROOT

HOUSE = ("portal", "groups", "consent", "agenda", "messaging", "moderation")
UNSPOKEN = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT, tokenize.ENDMARKER}
CLOSING = {")", "]", "}"}
BRACKETS = "(" * 20


class NoSuchPlaceError(LookupError):
    """No module has that symbol, more than one has, or what is to be changed does not stand in it."""


class Symbol(NamedTuple):
    """A named piece of a module: its first line and its last."""

    path: Path
    first: int
    last: int


class Word(NamedTuple):
    """A token of Python, and where in the text it stands."""

    text: str
    start: int
    end: int


@cache
def symbols() -> dict[str, list[Symbol]]:
    """Every class, function, method and assigned name of the house, by its name."""
    by_name: dict[str, list[Symbol]] = defaultdict(list)
    for folder in HOUSE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                for name, node in _named(ast.parse(path.read_text()).body):
                    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
                    by_name[name].append(Symbol(path, first, node.end_lineno or node.lineno))
    return dict(by_name)


def _named(body: Iterable[ast.stmt], before: str = "") -> Iterator[tuple[str, ast.stmt]]:
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield before + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from _named(node.body, f"{before}{node.name}.")
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                yield from ((before + one.id, node) for one in ast.walk(target) if isinstance(one, ast.Name))


def symbol(where: str) -> Symbol:
    """The one piece of this name. Raises `NoSuchPlaceError`."""
    module, _colon, name = where.rpartition(":")
    same = [one for one in symbols().get(name, []) if f".{_dotted(one.path)}".endswith(f".{module}" if module else "")]
    if len(same) != 1:
        raise NoSuchPlaceError(f"{where}: {len(same)} of them")
    return same[0]


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def replaced(text: str, piece: Symbol, old: str, new: str) -> str:
    """This text of a module with `new` for each `old` in that piece. Raises `NoSuchPlaceError`."""
    lines = text.splitlines(keepends=True)
    before, inside = "".join(lines[: piece.first - 1]), "".join(lines[piece.first - 1 : piece.last])
    wanted, there = [word.text for word in _words(old)], _words(inside)
    spans = [
        (there[at].start, there[at + len(wanted) - 1].end)
        for at in range(len(there) - len(wanted) + 1)
        if [word.text for word in there[at : at + len(wanted)]] == wanted
    ]
    if not spans:  # a piece of a text, such as SQL
        spans = [(one.start(), one.end()) for one in re.finditer(re.escape(old), inside)]
    if not spans:
        raise NoSuchPlaceError(f"{piece.path.name}, line {piece.first}: {old.strip()}")
    for start, end in reversed(spans):
        inside = inside[:start] + new.strip() + inside[end:]
    return before + inside + "".join(lines[piece.last :])


def _words(text: str) -> list[Word]:
    """The tokens of a text that may begin or end in the middle of something; a comma before a bracket is none.

    Read as if it stood in brackets, where neither lines nor indents count.
    """
    inside = BRACKETS + text
    starts = [0, *accumulate(len(line) for line in inside.splitlines(keepends=True))]
    words: list[Word] = []
    with suppress(tokenize.TokenError):  # at the end, where the brackets are open
        for token in tokenize.generate_tokens(io.StringIO(inside).readline):
            if token.type not in UNSPOKEN:
                start, end = (starts[line - 1] + column - len(BRACKETS) for line, column in (token.start, token.end))
                if token.string in CLOSING and words and words[-1].text == ",":
                    words.pop()
                words.append(Word(token.string, start, end))
    return words[len(BRACKETS) :]
