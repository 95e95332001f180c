"""What a school does on a day, and who has it in an own calendar."""

from agenda.events.models import Event, EventGroup, EventState, SkippedDay

__all__ = ["Event", "EventGroup", "EventState", "SkippedDay"]
