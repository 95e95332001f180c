"""What the policy page says is looked for on the running school, and a broken promise shows."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from groups.models import Membership, School
from messaging.models import Post
from moderation.models import PromiseCheck
from moderation.promises.domain import CHAPTERS, COUNTED
from moderation.promises.services.promise_checks import CHECKS, ONE_RECIPIENT, check_promises
from moderation.promises.services.promises import account_of
from portal.core.models import OutboxItem
from tests.cast import Cast
from tests.consent.pages import begun
from tests.moderation.ruling import visitor
from tests.scene import Scene

pytestmark = pytest.mark.django_db


def broken(key: str) -> int:
    return check_promises(now=timezone.now())[key]


def test_each_check_stands_on_a_line_and_has_its_words() -> None:
    named = [key for chapter in CHAPTERS for line in chapter.lines for key in line.checks]
    assert sorted(named) == sorted(COUNTED) == sorted([*CHECKS, ONE_RECIPIENT])


def test_an_ordinary_school_keeps_its_promises(cast: Cast, scene: Scene) -> None:
    found = check_promises(now=timezone.now())
    assert found == dict.fromkeys(COUNTED, 0)
    assert PromiseCheck.objects.filter(school=cast.linde, key="bylines").get().looked_at > 0


def test_looking_again_keeps_the_last_look_only(cast: Cast) -> None:
    later = timezone.now() + timedelta(days=1)
    check_promises(now=timezone.now())
    check_promises(now=later)
    assert set(PromiseCheck.objects.filter(school=cast.linde).values_list("checked_at", flat=True)) == {later}
    assert PromiseCheck.objects.filter(school=cast.linde).count() == len(COUNTED)


def test_a_text_of_staff_without_a_function_is_found(cast: Cast, scene: Scene) -> None:
    Post.objects.filter(pk=scene.post.pk).update(author_function="")
    assert broken("bylines") == 1


def test_a_message_of_a_parent_in_a_class_is_found(cast: Cast, scene: Scene) -> None:
    Post.objects.filter(pk=scene.post.pk).update(hat="family")
    assert broken("authors") == 1


def test_a_mail_to_two_addresses_is_found_at_its_own_school(cast: Cast, scene: Scene) -> None:
    mail = OutboxItem.objects.filter(school_uid=cast.linde.uid).first()
    OutboxItem.objects.filter(pk=mail.pk).update(recipient=None, address="een@example.nl,twee@example.nl")
    assert broken("one_recipient") == 1
    looked = PromiseCheck.objects.filter(key="one_recipient").values_list("school", "looked_at", "broken")
    mails = {school: OutboxItem.objects.filter(school_uid=school.uid).count() for school in School.objects.all()}
    assert set(looked) == {(school.pk, count, int(school == cast.linde)) for school, count in mails.items()}


def test_all_mail_is_read_once_for_however_many_schools(cast: Cast) -> None:
    """It was read whole for each school."""
    with CaptureQueriesContext(connection) as asked:
        check_promises(now=timezone.now())
    assert School.objects.count() > 1
    assert len([one for one in asked if OutboxItem._meta.db_table in one["sql"]]) == 1


def test_a_right_without_a_reason_is_found(cast: Cast) -> None:
    row = Membership.objects.filter(group=cast.groep_4).first()
    Membership.objects.filter(pk=row.pk).update(role="editor" if row.role != "editor" else "teacher")
    assert broken("rights") > 0


def test_what_needs_consent_and_was_not_asked_this_year_is_found(cast: Cast) -> None:
    assert broken("asked_this_year") == 0
    purposes = begun(cast)
    assert broken("asked_this_year") == len(purposes)


def test_a_council_post_that_nobody_approved_is_found(cast: Cast, scene: Scene) -> None:
    post = scene.draft_of_council.post
    Post.objects.filter(pk=post.pk).update(state="published", published_at=timezone.now())
    found = check_promises(now=timezone.now())
    assert (found["handed_in"], found["authors"]) == (1, 1)


def test_the_page_shows_what_the_night_found(cast: Cast, scene: Scene, settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False
    page = reverse("moderation:promises")
    client = visitor(cast, "directie")
    client.cookies["django_language"] = "en"
    assert "Always" not in client.get(page).content.decode()
    Post.objects.filter(pk=scene.post.pk).update(author_function="")
    check_promises(now=timezone.now())
    bylines = next(
        k for _, kept in account_of(cast.linde, now=timezone.now()).chapters for k in kept if "POL-15" in k.ids
    )
    assert [(one.outcome.broken, one.outcome.looked_at > 1) for one in bylines.checks if one.outcome] == [(1, True)]


@pytest.mark.parametrize(
    ("name", "reads"),
    [
        ("directie", True),
        ("council_member", True),
        ("case_officer", True),
        ("teacher", False),
        ("mother", False),
        ("ict", False),
        ("directie_elsewhere", False),
    ],
)
def test_the_mr_and_the_foundation_read_it_too(cast: Cast, settings: Any, name: str, reads: bool) -> None:
    settings.KRING_SECOND_FACTOR = False
    answer = visitor(cast, name).get(reverse("moderation:promises"), {"school": cast.linde.uid})
    assert answer.status_code == (200 if reads else 404)
