"""The phones of people of the small school, at a push service on this machine."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from groups.models import NewsKind
from groups.people.services.contact_choices import choose_phone
from portal.core import outbox
from portal.core.models import OutboxItem
from portal.core.outbox import Lane
from portal.core.phones import line, vapid
from tests.core.push_service import KEY, SUBJECT, Browser, PushService, kept, push_service, raw
from tests.messaging.moments import NOW

if TYPE_CHECKING:
    from tests.messaging.conftest import Town


@pytest.fixture
def service(town: "Town", settings: Any) -> Iterator[PushService]:
    settings.KRING_PUSH_KEY, settings.KRING_PUSH_SUBJECT = KEY, SUBJECT
    OutboxItem.objects.all().delete()
    line.forget_outages()
    with time_machine.travel(NOW), push_service(raw(vapid.public_key())) as one:
        settings.KRING_PUSH_SERVICES = [one.origin]
        yield one


class Phones:
    """The phones of people of the town, by first name."""

    def __init__(self, service: PushService, town: "Town", *names: str) -> None:
        self._service = service
        self._browsers: dict[str, Browser] = {name: kept(service, name, town.user[name], NOW) for name in names}

    def shown(self, now: datetime) -> dict[str, list[tuple[str, str]]]:
        """Title and words of each notice that leaves by `now`, of who gets any."""
        self._service.carried.clear()
        with time_machine.travel(now):
            outbox.sweep(lane=Lane.PHONE, now=now)
        assert self._service.refused == []
        read = {name: self._service.shown(browser) for name, browser in self._browsers.items()}
        self.last = [one["notification"] for each in read.values() for one in each]
        return {name: [(one["notification"]["title"], one["notification"]["body"]) for one in each]  # type: ignore[index]
                for name, each in read.items() if each}  # fmt: skip


@pytest.fixture
def phones(service: PushService, town: "Town") -> Phones:
    return Phones(service, town, "Karima", "Said", "Anna")


def choose(town: "Town", name: str, kind: NewsKind, *, on: bool) -> None:
    choose_phone(user=town.user[name], school=town.school, kind=kind, on=on, now=NOW)
