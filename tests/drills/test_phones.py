"""A worker that dies while phones are told: each shows it, and none but the one in doubt twice (ADR 0072)."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from groups.models import NewsKind
from groups.people.services.contact_choices import choose_phone
from messaging.models import Post
from messaging.newsletter.services.editions import ON_PHONE, bundle_posts
from portal.core import outbox
from portal.core.models import OutboxItem, OutboxState
from portal.core.phones import vapid
from portal.core.querysets import STUCK_AFTER
from tests.core.push_service import KEY, SUBJECT, PushService, kept, push_service, raw
from tests.drills.machine import Installation, needs_redis, until
from tests.drills.school import found_schools, parents_of, this_friday, write_news

pytestmark = [needs_redis, pytest.mark.django_db(transaction=True)]
MINUTE = timedelta(minutes=1)
PHONES = 40


@pytest.fixture
def service(settings: Any) -> Iterator[PushService]:
    settings.KRING_PUSH_KEY, settings.KRING_PUSH_SUBJECT = KEY, SUBJECT
    with push_service(raw(vapid.public_key())) as one:
        settings.KRING_PUSH_SERVICES = [one.origin]
        yield one


def all_settled() -> bool:
    connection.close()
    return not OutboxItem.objects.under_way().filter(kind=ON_PHONE).exists()


@pytest.mark.nightly
def test_worker_killed_while_phones_are_told(kring: Installation, service: PushService) -> None:
    moment = timezone.now() - 20 * MINUTE
    [school] = found_schools(1, this_friday())
    write_news([school], moment)
    for number, parent in enumerate(parents_of(school)[:PHONES]):
        choose_phone(user=parent, school=school, kind=NewsKind.STORIES, on=True, now=moment)
        choose_phone(user=parent, school=school, kind=NewsKind.SCHOOL, on=True, now=moment)
        kept(service, f"phone-{number}", parent)
    bundle_posts(posts=list(Post.objects.filter(title__startswith="kanarie-").select_related("group")), now=moment)
    wanted = OutboxItem.objects.filter(kind=ON_PHONE).count()
    assert wanted == PHONES
    place = {"KRING_PUSH_KEY": KEY, "KRING_PUSH_SUBJECT": SUBJECT, "KRING_PUSH_SERVICES": service.origin}

    service.slow = 0.05
    worker = kring.worker(**place)
    kring.ring("core.sweep_phones")
    until(lambda: len(service.carried) > 5, "the worker tells phones")
    worker.kill()
    in_doubt = OutboxItem.objects.filter(kind=ON_PHONE, state=OutboxState.SENDING).count()
    assert 0 < len(service.carried) < PHONES
    held = OutboxItem.objects.filter(state__in=[OutboxState.CLAIMED, OutboxState.SENDING])
    held.update(claimed_at=F("claimed_at") - STUCK_AFTER - MINUTE)
    service.slow = 0
    kring.worker(**place)
    kring.ring("core.sweep_phones")
    until(all_settled, "the phones are told")

    told = Counter(one.name for one in service.carried)
    twice = sum(number - 1 for number in told.values())
    found = outbox.ledger(kind=ON_PHONE)
    print(f"phones: {found} · in doubt {in_doubt} · twice {twice}")
    assert service.refused == []
    assert (len(told), found.accepted, found.lost) == (PHONES, PHONES, 0)
    assert twice <= in_doubt <= 1
