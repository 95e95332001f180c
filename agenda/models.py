"""What a school does on a day, and who has it in an own calendar."""

from agenda.events.models import Event, EventGroup, EventState, SkippedDay
from agenda.feeds.models import CalendarAddress

__all__ = ["CalendarAddress", "Event", "EventGroup", "EventState", "SkippedDay"]
