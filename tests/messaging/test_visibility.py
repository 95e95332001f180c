"""Who reads which message and which reply, in which hat; a second to either side of a right's end."""

import pytest
from django.contrib.auth.models import AnonymousUser

from groups.models import Guardianship
from groups.roles import Hat
from messaging.models import Post, Reply, WritingState
from messaging.posts.services.replies import publish_reply
from messaging.removing.services.removal import retract_post
from messaging.writings.services.written import hide_written
from portal.core.actor import Actor
from tests.messaging.conftest import NOW, later

pytestmark = pytest.mark.engines

EVERYBODY = ["Anna", "Joost", "Thijs", "Petra", "Karima", "Said", "Lotte", "Riet", "Harm", "Agnieszka"]


def readers(town, hat, rows, now=NOW):
    return {name for name in EVERYBODY if rows.visible_to(Actor(town.user[name], hat, now)).exists()}


def of(row):
    return type(row).objects.filter(pk=row.pk)


def test_a_class_is_read_by_its_families_and_its_staff(town, place):
    post = of(place())
    assert readers(town, Hat.FAMILY, post) == {"Karima", "Said", "Lotte", "Riet", "Thijs"}
    assert readers(town, Hat.STAFF, post) == {"Anna", "Petra"}
    assert readers(town, None, post) == {"Karima", "Said", "Lotte", "Riet", "Thijs", "Anna", "Petra"}


def test_the_whole_school_is_read_by_the_own_school_only(town, place):
    post = of(place("Petra", "@school"))
    assert readers(town, Hat.FAMILY, post) == {"Karima", "Said", "Lotte", "Riet", "Thijs"}
    assert readers(town, Hat.STAFF, post) == {"Anna", "Joost", "Thijs", "Petra"}


def test_a_council_is_read_by_its_members_and_the_directie(town, place):
    post = of(place("Lotte", "@mr", hat=Hat.FAMILY))
    assert readers(town, Hat.FAMILY, post) == {"Lotte"}
    assert readers(town, Hat.STAFF, post) == {"Petra"}


def test_nobody_reads_without_signing_in(town, place):
    place()
    for rows in (Post.objects, Reply.objects):
        assert list(rows.visible_to(Actor(AnonymousUser(), Hat.ANY, NOW))) == []
        assert list(rows.hideable_by(Actor(AnonymousUser(), Hat.ANY, NOW))) == []


def test_a_hidden_post_is_for_its_author_and_who_moderates(town, place):
    post = place("Thijs", "g7")
    hide_written(written=post, by=Actor(town.user["Petra"], Hat.STAFF, NOW))
    assert readers(town, Hat.STAFF, of(post)) == {"Thijs", "Petra", "Joost"}
    assert readers(town, Hat.FAMILY, of(post)) == set()


def test_an_author_in_the_other_hat_does_not_find_what_was_hidden(town, place):
    """Thijs reads groep 4 as a father; what he would have written as staff is not shown to him there."""
    post = place("Anna", "g4")
    of(post).update(author=town.user["Thijs"])
    hide_written(written=post, by=Actor(town.user["Petra"], Hat.STAFF, NOW))
    assert readers(town, Hat.FAMILY, of(post)) == set()


def test_retracted_removed_and_handed_in(town, place):
    post = place()
    retract_post(post=post, by=Actor(town.user["Anna"], Hat.STAFF, NOW))
    assert readers(town, None, of(post)) == set()
    handed_in = place()
    of(handed_in).update(state=WritingState.SUBMITTED, published_at=None)
    assert readers(town, None, of(handed_in)) == set()


def test_reading_ends_at_its_second(town, place):
    post = of(place())
    ends = later(minutes=5)
    Guardianship.objects.filter(caregiver=town.caregiver["Said"]).update(valid_until=ends)
    town.sync()
    assert "Said" in readers(town, Hat.FAMILY, post, now=ends - (later(seconds=1) - NOW))
    assert "Said" not in readers(town, Hat.FAMILY, post, now=ends)


def test_the_archive_is_read_and_not_written(town, place):
    post = place()
    summer = town.year.ends_at
    assert "Karima" in readers(town, Hat.FAMILY, of(post), now=summer)
    assert readers(town, None, of(post), now=town.year.archive_until) == set()
    for power in ("editable_by", "hideable_by", "answerable_by"):
        assert not getattr(Post.objects, power)(Actor(town.user["Anna"], Hat.ANY, summer)).exists()
        assert getattr(Post.objects, power)(Actor(town.user["Anna"], Hat.ANY, NOW)).exists()


def answer(town, by, post, hat=Hat.FAMILY, text="Dank u wel.", now=NOW):
    return publish_reply(post=post, text=text, by=Actor(town.user[by], hat, now))


def test_a_reply_is_read_by_the_group(town, place):
    reply = answer(town, "Karima", place())
    assert readers(town, Hat.FAMILY, of(reply)) == {"Karima", "Said", "Lotte", "Riet", "Thijs"}
    assert readers(town, Hat.STAFF, of(reply)) == {"Anna", "Petra"}


def test_a_reply_to_staff_stays_with_staff(town, place):
    reply = answer(town, "Karima", place(replies="staff"))
    assert reply.to_staff
    assert readers(town, Hat.FAMILY, of(reply)) == {"Karima"}
    assert readers(town, Hat.STAFF, of(reply)) == {"Anna", "Petra"}
    Post.objects.update(replies="on")
    assert readers(town, Hat.FAMILY, of(reply)) == {"Karima"}


def test_a_reply_to_staff_of_the_whole_school_is_not_for_every_colleague(town, place):
    reply = answer(town, "Karima", place("Petra", "@school", replies="staff"))
    assert readers(town, Hat.STAFF, of(reply)) == {"Petra"}


def test_a_member_of_the_council_reads_what_is_answered_to_her(town, place):
    post = place("Lotte", "@mr", hat=Hat.FAMILY, replies="staff")
    reply = answer(town, "Petra", post, hat=Hat.STAFF)
    assert "Lotte" in readers(town, Hat.FAMILY, of(reply))


def test_a_hidden_reply_disappears_except_for_author_and_moderators(town, place):
    reply = answer(town, "Karima", place())
    hide_written(written=reply, by=Actor(town.user["Anna"], Hat.STAFF, NOW))
    assert readers(town, Hat.FAMILY, of(reply)) == {"Karima"}
    assert readers(town, Hat.STAFF, of(reply)) == {"Anna", "Petra"}


def test_replies_go_with_their_post(town, place):
    post = place()
    reply = answer(town, "Karima", post)
    hide_written(written=post, by=Actor(town.user["Anna"], Hat.STAFF, NOW))
    assert readers(town, Hat.FAMILY, of(reply)) == set()
    assert readers(town, Hat.STAFF, of(reply)) == {"Anna", "Petra"}


@pytest.mark.parametrize(
    ("name", "hat", "powers"),
    [
        ("Anna", "staff", {"may_edit", "may_retract", "may_hide", "may_reply", "may_count", "answers_all"}),
        ("Petra", "staff", {"may_hide", "may_reply", "may_count", "answers_all"}),
        ("Karima", "family", {"may_reply", "answers_all"}),
        ("Riet", "family", {"answers_all"}),
    ],
)
def test_the_powers_of_a_list_are_those_of_the_policies(town, place, name, hat, powers):
    place()
    post = (
        Post.objects.visible_to(Actor(town.user[name], hat, NOW))
        .with_powers_for(Actor(town.user[name], hat, NOW))
        .get()
    )
    names = ("may_edit", "may_retract", "may_hide", "may_reply", "may_count", "answers_all")
    assert {power for power in names if getattr(post, power)} == powers
