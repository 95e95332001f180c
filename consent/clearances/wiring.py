"""What this room registers with the floor: its rights."""

from consent.clearances import services as clearances
from consent.clearances.models import Clearance
from portal.core import access


def register() -> None:
    """Called once, when the rows are known."""
    access.register(
        access.Projection(
            Clearance,
            clearances.COLUMNS,
            clearances.project,
            "school",
            of=clearances.of_people,
            reach=clearances.reach,
            hold=clearances.hold,
        )
    )
