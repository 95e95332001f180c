"""Two tabs of one writer on what was written together: both are held in one order, so neither waits for ever."""

from functools import partial

from django.utils import timezone

from groups.roles import Hat
from messaging.models import Post
from messaging.posts.services.posts import edit_post, publish_post
from messaging.writings.domain.text import CONTENT
from portal.core.actor import Actor
from portal.core.versions import EditedMeanwhileError
from tests.cast import Cast
from tests.races import on_postgresql, together
from tests.share import share

TIMES = share(12)


def change(cast: Cast, post: Post, text: str) -> list[Post]:
    words = {name: getattr(post, name) for name in CONTENT} | {"text": text}
    return edit_post(post=post, version=post.version, together=True, by=_by(cast), **words)  # type: ignore[arg-type]


def _by(cast: Cast) -> Actor:
    return Actor(cast.directie, Hat.STAFF, timezone.now())


@on_postgresql
def test_one_changes_it_and_the_other_reads_that_it_changed(cast: Cast) -> None:
    words = {"topic": "notice", "title": "Morgen vrij", "text": "Wij zijn er niet.", "replies": "off"}
    groups = [cast.groep_4, cast.groep_5]
    uids = [post.uid for post in publish_post(groups=groups, by=_by(cast), **words)]  # type: ignore[arg-type]
    for turn in range(TIMES):
        posts = [Post.objects.get(uid=uid) for uid in uids]
        found = together(*(partial(change, cast, post, f"Morgen niet, {turn} {post.pk}") for post in posts))
        assert {type(one) for one in found} == {list, EditedMeanwhileError}, found
        assert Post.objects.filter(uid__in=uids).values("text").distinct().count() == 1
