"""A server that just failed is left alone for a while: the page that found out waited for it, the next ones do not."""

from dataclasses import dataclass, field

FORGOTTEN = 60.0
"""Seconds without a failure after which the next one is news again."""


@dataclass
class Outage:
    """Begins with a failure and lasts `seconds`; `now` is any clock that never goes back, in seconds."""

    seconds: float
    _until: float = field(default=float("-inf"), init=False)
    _failed: float = field(default=float("-inf"), init=False)

    def begins(self, now: float) -> bool:
        """Whether that is news: a log says it once, however often whoever tries finds out again."""
        is_news = now - self._failed > self.seconds + FORGOTTEN
        self._failed, self._until = now, now + self.seconds
        return is_news

    def lasts(self, now: float) -> bool:
        return now < self._until

    def ends(self) -> bool:
        """Whether there was one: then that it is over is said, and the next one again."""
        was = self._failed > float("-inf")
        self._until = self._failed = float("-inf")
        return was
