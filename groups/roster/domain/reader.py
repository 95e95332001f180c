"""The process that reads one file from outside: a hang or a flood of memory ends here, and not in the site.

Started by `roster_reading` as `python -I reader.py NAME`, with the file on standard input, and an empty environment: it
knows no setting, no database and no secret. What it read goes out as one line of JSON.
"""

import io
import json
import os
import resource
import sys
from pathlib import Path
from types import ModuleType
from typing import Final

if __name__ == "__main__":
    # Kring's packages without the face of `portal`, which would bring Celery and the settings along.
    ROOT = Path(__file__).resolve().parents[3]
    sys.path.insert(0, str(ROOT))
    sys.modules["portal"] = ModuleType("portal")
    sys.modules["portal"].__path__ = [str(ROOT / "portal")]

from groups.roster.domain import caregivers, edexml, workbook
from groups.roster.domain.elements import SIZE_LIMIT
from groups.roster.domain.files import CaregiverList, RosterFile
from groups.roster.domain.plain import to_plain
from groups.roster.domain.problems import Complaint, Problem, RosterRefusedError

MEMORY: Final = 280_000_000
CPU_SECONDS: Final = 20
TOO_HEAVY: Final = 3
_XML_STARTS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\0<", b"<\0", b"\0<")


def read(content: bytes, name: str) -> RosterFile | CaregiverList:
    """Whichever it is, by what is in it; `name` is what people know it by. Raises `RosterRefusedError`."""
    if len(content) > SIZE_LIMIT:
        facts = {"limit": str(SIZE_LIMIT // 1_000_000)}
        raise RosterRefusedError([Problem(Complaint.TOO_BIG, name, facts=facts)])
    if not content.strip():
        raise RosterRefusedError([Problem(Complaint.EMPTY, name)])
    if _is_xml(content, name):
        return edexml.parse(io.BytesIO(content), file=name)
    if workbook.is_workbook(content):
        return workbook.parse(content, file=name)
    if caregivers.recognises(content) or name.lower().endswith((".csv", ".txt", ".tsv")):
        return caregivers.parse(content, file=name)
    raise RosterRefusedError([Problem(Complaint.UNKNOWN_KIND, name)])


def _is_xml(content: bytes, name: str) -> bool:
    return content[:1000].lstrip().startswith(_XML_STARTS) or name.lower().endswith(".xml")


def told(content: bytes, name: str) -> dict[str, object]:
    """What was read, or why it was not, as plain data."""
    try:
        file = read(content, name)
    except RosterRefusedError as refused:
        return {"problems": [to_plain(each) for each in refused.problems]}
    return {"roster" if isinstance(file, RosterFile) else "caregivers": to_plain(file)}


def lock_in() -> None:
    """As much memory and time as the largest school needs, and no file to write."""
    for what, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_AS, MEMORY)):
        resource.setrlimit(what, (most, most))
    # The softer of the two ends it with a signal of its own, which says that the file was to blame.
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, 2 * CPU_SECONDS))


def main() -> None:
    lock_in()
    try:
        json.dump(told(sys.stdin.buffer.read(SIZE_LIMIT + 1), sys.argv[1]), sys.stdout)
    except MemoryError:
        os._exit(TOO_HEAVY)  # nothing is left to say it with


if __name__ == "__main__":
    main()
