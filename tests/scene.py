"""What was written in the tests' two schools: a post or reply of every kind, each carrying its canary token."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agenda.events.domain.days import tidy_days
from agenda.events.services.events import Written, cancel_event, make_event
from agenda.models import Event
from groups.models import Group, StaffMember
from groups.roles import Hat
from messaging.handins.services.handins import hand_in
from messaging.models import Handin, Image, Message, Post, Reply, Thread
from messaging.photos.domain import Picture
from messaging.photos.services.images import Waits
from messaging.photos.services.judging import judge_photos
from messaging.posts.services.posts import Draft, publish_post
from messaging.posts.services.replies import publish_reply
from messaging.removing.services.removal import retract_post, retract_written
from messaging.talks.services.threads import start_thread, write_message
from messaging.talks.services.threads_steering import join_directie
from messaging.writings.services.written import hide_written
from portal.core.actor import Actor
from portal.core.domain.moments import at_school
from portal.core.models import User
from tests.canaries import token
from tests.cast import SHIELDED, Cast, address
from tests.pictures import photo_waiting, photo_with


@dataclass
class Scene:
    """Posts and replies by what they are; every text carries a token that says who may read it."""

    post: Post
    post_groep_5: Post
    post_whole_school: Post
    post_elsewhere: Post
    post_to_teacher: Post
    post_hidden: Post
    post_to_come: Post
    post_retracted: Post
    reply: Reply
    reply_to_teacher: Reply
    reply_hidden: Reply
    reply_retracted: Reply
    reply_elsewhere: Reply
    talk_both: Thread
    talk_mother: Thread
    talk_jet: Thread
    talk_elsewhere: Thread
    talk_directie: Thread
    said_by_mother: Message
    said_by_teacher: Message
    said_elsewhere: Message
    said_about_jet: Message
    said_to_directie: Message
    said_and_regretted: Message
    draft_of_council: Handin
    draft_of_teacher: Handin
    post_handed_in: Post
    photo_lying: Image
    photo_lying_of_mother: Image
    photo_waiting: Waits
    event: Event
    event_of_two: Event
    event_whole_school: Event
    event_of_team: Event
    event_elsewhere: Event
    event_cancelled: Event

    @property
    def events(self) -> list[Event]:
        return [thing for thing in vars(self).values() if isinstance(thing, Event)]

    @property
    def posts(self) -> list[Post]:
        return [thing for thing in vars(self).values() if isinstance(thing, Post)]

    @property
    def posts_in_groups(self) -> dict[Group, Post]:
        """One post in each group that has any, for everybody there to read."""
        return {
            post.group: post for post in (self.post, self.post_groep_5, self.post_whole_school, self.post_elsewhere)
        }

    def photo_of(self, written: Post | Message) -> Image:
        """The photo in this post or message; each has one."""
        return Image.objects.get(placements__writing=written)

    @property
    def talks(self) -> list[Thread]:
        return [thing for thing in vars(self).values() if isinstance(thing, Thread)]

    @property
    def said(self) -> list[Message]:
        return [thing for thing in vars(self).values() if isinstance(thing, Message)]

    @property
    def replies(self) -> list[Reply]:
        return [thing for thing in vars(self).values() if isinstance(thing, Reply)]


def _talk(cast: Cast, now: datetime) -> dict[str, Any]:
    """Conversations: with both parents of Noor, with her mother, about a teacher's own child, at the other school, and
    one into which the mother asked the directie."""

    def photo(by: str, audience: str, hat: str) -> list[Picture]:
        school = cast.berk if audience == "talkelsewhere" else cast.linde
        taken = photo_with(token(audience), by=cast.user(by), school=school, now=now, hat=hat)
        return [Picture(taken.uid, f"Een foto. {token(audience)}")]

    def talk(by: str, child: str, parents: list[str], teacher: str, audience: str, hat: str) -> Thread:
        return start_thread(
            child=cast.child(child),
            caregivers=[cast.caregiver(name) for name in parents],
            staff=list(StaffMember.objects.filter(email=address(teacher))),
            title=f"Gesprek {token(audience)}",
            text=f"Even over thuis. {token(audience)}",
            by=Actor(cast.user(by), hat, now),
            pictures=photo(by, audience, hat),
            declared=True,
        )

    angry = talk("mother", "Noor", ["mother"], "teacher", "talkdirectie", Hat.FAMILY)
    angry = join_directie(thread=angry, by=Actor(cast.mother, Hat.FAMILY, now))
    both = talk("teacher", "Noor", ["mother", "father"], "teacher", "talkboth", Hat.STAFF)
    mothers = talk("mother", "Noor", ["mother"], "teacher", "talkmother", Hat.FAMILY)
    elsewhere = talk("parent_elsewhere", "Saar", ["parent_elsewhere"], "teacher_elsewhere", "talkelsewhere", Hat.FAMILY)
    jet = talk("teacher_who_is_parent", "Jet", ["teacher_who_is_parent"], "teacher", "talkjet", Hat.FAMILY)
    words = f"Dank u wel. {token('talkboth')}"
    answered = photo("mother", "talkboth", Hat.FAMILY)
    write_message(thread=both, text=words, by=Actor(cast.mother, Hat.FAMILY, now), pictures=answered, declared=True)
    regretted = write_message(
        thread=both,
        text=f"Laat maar. {token('nobody')}",
        by=Actor(cast.mother, Hat.FAMILY, now),
        pictures=photo("mother", "nobody", Hat.FAMILY),
        declared=True,
    )
    retract_written(written=regretted, by=Actor(cast.mother, Hat.FAMILY, now))
    return {
        "talk_both": both,
        "talk_mother": mothers,
        "talk_jet": jet,
        "talk_elsewhere": elsewhere,
        "talk_directie": angry,
        "said_to_directie": angry.messages.get(),
        "said_by_mother": mothers.messages.get(),
        "said_by_teacher": both.messages.get(author=cast.teacher),
        "said_elsewhere": elsewhere.messages.get(),
        "said_about_jet": jet.messages.get(),
        "said_and_regretted": regretted,
    }


def _agenda(cast: Cast, now: datetime) -> dict[str, Any]:
    """In the agenda, for today: groep 4, both groups, the whole school, the team, the other school; one cancelled."""
    day = at_school(now).date()

    def event(by: str, audience: str, *groups: Group) -> Event:
        days = tidy_days(first_day=day)
        written = Written(f"Op de agenda {token(audience)}", days, f"Lokaal {token(audience)}")
        return make_event(groups=groups, written=written, by=Actor(cast.user(by), Hat.STAFF, now))

    return {
        "event": event("teacher", "groep4", cast.groep_4),
        "event_of_two": event("directie", "groep4or5", cast.groep_4, cast.groep_5),
        "event_whole_school": event("editor", "linde", cast.whole_school),
        "event_of_team": event("colleague", "team", cast.group("@staff")),
        "event_elsewhere": event("teacher_elsewhere", "elsewhere", cast.group("G4", "99CB")),
        "event_cancelled": cancel_event(
            event=event("teacher", "groep4", cast.groep_4), by=Actor(cast.teacher, Hat.STAFF, now)
        ),
    }


def _drafts(cast: Cast, now: datetime) -> dict[str, Any]:
    """Handed in: by the council for the whole school, and by the teacher in doubt, with a photo."""

    def draft(audience: str, pictures: list[Picture]) -> Draft:
        words = {"topic": "notice", "title": f"Concept {token(audience)}", "replies": "off"}
        return Draft({**words, "text": f"Nog niet klaar. {token(audience)}"}, pictures=pictures, declared=True)

    taken = photo_with(token("draftteacher"), by=cast.teacher, school=cast.linde, now=now)
    council = hand_in(
        kind="council",
        group=cast.whole_school,
        council=cast.mr,
        draft=draft("draftcouncil", []),
        by=Actor(cast.council_member, Hat.FAMILY, now),
    )
    teacher = hand_in(
        kind="advice",
        group=cast.groep_4,
        draft=draft("draftteacher", [Picture(taken.uid, f"Een foto. {token('draftteacher')}")]),
        by=Actor(cast.teacher, Hat.STAFF, now),
    )
    return {"draft_of_council": council, "draft_of_teacher": teacher, "post_handed_in": teacher.post}


def write(cast: Cast, now: datetime) -> Scene:
    """Everything by the services, in the order of a school week."""
    moment = now - timedelta(hours=1)

    in_a_week = (now + timedelta(days=7)).date()
    soon_over = cast.groep_4.school_year.ends_at - timedelta(seconds=1)
    asks = {"ask": "yes_no", "ask_on": in_a_week, "answer_by": in_a_week}

    def post(
        by: User, group: Group, audience: str, replies: str = "on", at: datetime | None = None, **ask: Any
    ) -> Post:
        text = f"Vandaag in de kring. {token(audience)}"
        photo = photo_with(token(audience), by=by, school=group.school, now=moment)
        placed = publish_post(
            groups=[group],
            topic="update",
            title=f"Titel {token(audience)}",
            text=text,
            replies=replies,
            **ask,
            by=Actor(by, Hat.STAFF, moment),
            at=at,
            pictures=[Picture(photo.uid, f"Een foto. {token(audience)}")],
            declared=True,
        )
        return placed[0]

    def reply(by: User, to: Post, audience: str) -> Reply:
        return publish_reply(post=to, text=f"Dank u wel. {token(audience)}", by=Actor(by, Hat.FAMILY, moment))

    in_4 = post(cast.teacher, cast.groep_4, "groep4")
    to_teacher = post(cast.teacher, cast.groep_4, "groep4", replies="staff", **asks)
    elsewhere = post(cast.teacher_elsewhere, cast.group("G4", "99CB"), "elsewhere")
    scene = Scene(
        post=in_4,
        post_groep_5=post(cast.teacher_who_is_parent, cast.groep_5, "groep5"),
        post_whole_school=post(cast.editor, cast.whole_school, "linde", replies="off"),
        post_elsewhere=elsewhere,
        post_to_teacher=to_teacher,
        post_hidden=post(cast.teacher, cast.groep_4, "hiddenpost4"),
        post_to_come=post(cast.teacher, cast.groep_4, "hiddenpost4", at=soon_over),
        post_retracted=post(cast.teacher, cast.groep_4, "nobody"),
        reply=reply(cast.mother, in_4, "groep4"),
        reply_to_teacher=reply(cast.mother, to_teacher, "tostaff4"),
        reply_hidden=reply(cast.parent_of_two, in_4, "hidden4"),
        reply_retracted=reply(cast.mother, in_4, "nobody"),
        reply_elsewhere=reply(cast.parent_elsewhere, elsewhere, "elsewhere"),
        photo_lying=photo_with(token("lying"), by=cast.teacher, school=cast.linde, now=moment),
        photo_lying_of_mother=photo_with(
            token("lyingmother"), by=cast.mother, school=cast.linde, now=moment, hat=Hat.FAMILY
        ),
        photo_waiting=photo_waiting(by=cast.teacher, school=cast.linde, now=moment - timedelta(minutes=10)),
        **_talk(cast, moment),
        **_drafts(cast, moment),
        **_agenda(cast, now),
    )
    hide_written(written=scene.post_hidden, by=Actor(cast.directie, Hat.STAFF, moment))
    retract_post(post=scene.post_retracted, by=Actor(cast.teacher, Hat.STAFF, moment))
    hide_written(written=scene.reply_hidden, by=Actor(cast.directie, Hat.STAFF, moment))
    retract_written(written=scene.reply_retracted, by=Actor(cast.mother, Hat.FAMILY, moment))
    for placed in (scene.post_groep_5, scene.post_whole_school):
        looked_at, child = [scene.photo_of(placed).uid], cast.child(SHIELDED)
        judge_photos(
            group=placed.group, child=child, looked_at=looked_at, on=[], by=Actor(cast.directie, Hat.ANY, moment)
        )
    return scene
