"""What a database or a disk says it cannot do now, told apart from what is wrong in our own code.

By the numbers of SQL, SQLite and the system, never by the words of an error: those quote what somebody typed.
"""

from collections.abc import Iterator
from enum import Enum
from errno import EDQUOT, ENOSPC, EROFS, errorcode
from traceback import format_tb


class Fault(Enum):
    """`AWAY`: nobody answers. `BUSY`: it took too long, or two waited for each other. `READ_ONLY`: its disk is full,
    or it is a copy of another one; what is there can still be read. `NO_ROOM`: so it is with another disk, as that of
    what is sent and lies aside until it is looked at."""

    AWAY = "away"
    BUSY = "busy"
    READ_ONLY = "read only"
    NO_ROOM = "no room"


OF_THE_DISK = {ENOSPC, EDQUOT, EROFS}
"""Numbers of the system: it is full, whose it is may have no more of it, or it can only be read."""


SQLSTATES = {
    "25006": Fault.READ_ONLY,
    "53100": Fault.READ_ONLY,
    "25P03": Fault.BUSY,
    "25P04": Fault.BUSY,
    "40001": Fault.BUSY,
    "40P01": Fault.BUSY,
    "55P03": Fault.BUSY,
    "57014": Fault.BUSY,
    "58030": Fault.AWAY,
}
CLASSES = {"08": Fault.AWAY, "53": Fault.AWAY, "57": Fault.AWAY}
"""Of SQLSTATE: the connection, what the server has too little of, and somebody who stops it."""
OF_SQLITE = {
    5: Fault.BUSY,
    6: Fault.BUSY,
    8: Fault.READ_ONLY,
    13: Fault.READ_ONLY,
    10: Fault.AWAY,
    14: Fault.AWAY,
}


def fault_of(error: BaseException | None) -> Fault | None:
    """What the database could not do, when that is what this error came from."""
    return next((found for one in came_from(error) if (found := fault_said_by(one))), None)


def came_from(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and what led to it, the newest first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def kind_of(error: BaseException) -> str:
    """The name of an error and the number it carries; none of its words."""
    number = getattr(error, "pgcode", None) or getattr(error, "sqlite_errorname", None)
    if isinstance(error, OSError) and error.errno in OF_THE_DISK:
        number = errorcode[error.errno]
    return type(error).__qualname__ + (f" [{number}]" if number else "")


def traceback_without_words(error: BaseException | None) -> str:
    """Where an error happened and what led to it, each with its kind."""
    return "\nafter:\n".join("".join(format_tb(one.__traceback__)) + kind_of(one) for one in came_from(error))


def fault_said_by(error: BaseException) -> Fault | None:
    """As `fault_of`, of this one alone."""
    if (number := getattr(error, "sqlite_errorcode", None)) is not None:
        return OF_SQLITE.get(number & 0xFF)
    if (state := getattr(error, "pgcode", None)) is not None:
        return SQLSTATES.get(state) or CLASSES.get(state[:2])
    if isinstance(error, OSError):
        return Fault.NO_ROOM if error.errno in OF_THE_DISK else None
    is_of_the_line = type(error).__module__ == "psycopg2" and type(error).__name__ in _WITHOUT_A_NUMBER
    return Fault.AWAY if is_of_the_line else None


_WITHOUT_A_NUMBER = {"OperationalError", "InterfaceError"}
"""What the driver says itself, since no server did."""
