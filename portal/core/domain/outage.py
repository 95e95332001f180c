"""A server that just failed is left alone for a while: the page that found out waited for it, the next ones do not."""

from dataclasses import dataclass, field


@dataclass
class Outage:
    """Begins with a failure and lasts `seconds`; `now` is any clock that never goes back, in seconds."""

    seconds: float
    _until: float = field(default=float("-inf"), init=False)

    def begins(self, now: float) -> None:
        self._until = now + self.seconds

    def lasts(self, now: float) -> bool:
        return now < self._until
