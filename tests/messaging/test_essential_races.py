"""Two hands at once: of two messages that every family has to read one is placed, and one round of mail goes."""

from datetime import timedelta
from functools import partial

from django.utils import timezone

from groups.roles import Hat
from messaging.models import FollowUp, Post
from messaging.posts.services.essential import EssentialRefusedError
from messaging.posts.services.posts import publish_post
from messaging.urgent.domain import REMINDED_AFTER
from messaging.urgent.services.following import follow_essentials
from portal.core.actor import Actor
from portal.core.models import OutboxItem
from tests.cast import Cast
from tests.races import on_postgresql, together
from tests.share import share

TIMES = share(12)


def place(cast: Cast, title: str) -> list[Post]:
    by = Actor(cast.teacher, Hat.STAFF, timezone.now())
    words = {"topic": "notice", "title": title, "text": "Om kwart over acht.", "replies": "off"}
    return publish_post(groups=[cast.groep_4], by=by, is_essential=True, **words)  # type: ignore[arg-type]


@on_postgresql
def test_of_two_placed_at_once_one_is_refused(cast: Cast) -> None:
    for turn in range(TIMES):
        Post.objects.filter(is_essential=True).update(is_essential=False)
        found = together(*(partial(place, cast, f"Tijden {turn} {hand}") for hand in "ab"))
        assert {type(one) for one in found} == {list, EssentialRefusedError}, found
        assert Post.objects.filter(is_essential=True).count() == 1


@on_postgresql
def test_two_clocks_at_once_send_each_mail_once(cast: Cast) -> None:
    [post] = place(cast, "Tijden")
    later = timezone.now() + REMINDED_AFTER + timedelta(minutes=1)
    for _ in range(TIMES):
        FollowUp.objects.all().delete()
        OutboxItem.objects.filter(kind="essential").delete()
        made = together(*[partial(follow_essentials, now=later)] * 2)
        mails = OutboxItem.objects.filter(kind="essential", subject_uid=post.uid)
        assert sorted(made) == [0, mails.count()]
        assert mails.count() == mails.values("recipient").distinct().count() > 0
        assert FollowUp.objects.count() == 1
