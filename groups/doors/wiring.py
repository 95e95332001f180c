"""What this room registers with the floor: its places in the menu, and whom to call when there is no line."""

from groups.doors import signals as signals
from groups.doors.menu import ENTRIES
from groups.records.models.schools import School
from portal.core import menu, no_line


def _numbers() -> list[no_line.Number]:
    return [no_line.Number(*row) for row in School.objects.to_call().values_list("name", "phone")]


def register() -> None:
    """Called once, when the rows are known."""
    menu.register(*ENTRIES)
    no_line.register(_numbers)
