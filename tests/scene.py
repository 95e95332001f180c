"""What was written in the tests' two schools: a post or reply of every kind, each carrying its canary token."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from groups.models import Group
from groups.roles import Hat
from messaging.models import Post, Reply
from messaging.services.posts import hide_post, publish_post, retract_post
from messaging.services.replies import hide_reply, publish_reply, retract_reply
from portal.core.models import User
from tests.canaries import token
from tests.cast import Cast


@dataclass
class Scene:
    """Posts and replies by what they are; every text carries a token that says who may read it."""

    post: Post
    post_groep_5: Post
    post_whole_school: Post
    post_elsewhere: Post
    post_to_teacher: Post
    post_hidden: Post
    post_retracted: Post
    reply: Reply
    reply_to_teacher: Reply
    reply_hidden: Reply
    reply_retracted: Reply
    reply_elsewhere: Reply

    @property
    def posts(self) -> list[Post]:
        return [thing for thing in vars(self).values() if isinstance(thing, Post)]

    @property
    def replies(self) -> list[Reply]:
        return [thing for thing in vars(self).values() if isinstance(thing, Reply)]


def write(cast: Cast, now: datetime) -> Scene:
    """Everything by the services, in the order of a school week."""
    moment = now - timedelta(hours=1)

    def post(by: User, group: Group, audience: str, replies: str = "on") -> Post:
        text = f"Vandaag in de kring. {token(audience)}"
        placed = publish_post(
            groups=[group],
            kind="update",
            title=f"Titel {token(audience)}",
            text=text,
            replies=replies,
            by=by,
            hat=Hat.STAFF,
            now=moment,
        )
        return placed[0]

    def reply(by: User, to: Post, audience: str) -> Reply:
        return publish_reply(post=to, text=f"Dank u wel. {token(audience)}", by=by, hat=Hat.FAMILY, now=moment)

    in_4 = post(cast.teacher, cast.groep_4, "groep4")
    to_teacher = post(cast.teacher, cast.groep_4, "groep4", replies="staff")
    elsewhere = post(cast.teacher_elsewhere, cast.group("G4", "99CB"), "elsewhere")
    scene = Scene(
        post=in_4,
        post_groep_5=post(cast.teacher_who_is_parent, cast.groep_5, "groep5"),
        post_whole_school=post(cast.editor, cast.whole_school, "linde", replies="off"),
        post_elsewhere=elsewhere,
        post_to_teacher=to_teacher,
        post_hidden=post(cast.teacher, cast.groep_4, "hiddenpost4"),
        post_retracted=post(cast.teacher, cast.groep_4, "nobody"),
        reply=reply(cast.mother, in_4, "groep4"),
        reply_to_teacher=reply(cast.mother, to_teacher, "tostaff4"),
        reply_hidden=reply(cast.parent_of_two, in_4, "hidden4"),
        reply_retracted=reply(cast.mother, in_4, "nobody"),
        reply_elsewhere=reply(cast.parent_elsewhere, elsewhere, "elsewhere"),
    )
    hide_post(post=scene.post_hidden, by=cast.directie, now=moment)
    retract_post(post=scene.post_retracted, by=cast.teacher, hat=Hat.STAFF, now=moment)
    hide_reply(reply=scene.reply_hidden, by=cast.directie, now=moment)
    retract_reply(reply=scene.reply_retracted, by=cast.mother, hat=Hat.FAMILY, now=moment)
    return scene
