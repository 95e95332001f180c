"""Placing, editing, taking back and hiding messages."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from groups.roles import Hat, Role
from messaging.models import Post, WritingVersion
from messaging.posts.services.posts import edit_post, publish_post
from messaging.removing.services.removal import retract_post
from messaging.writings.domain.text import EmptyTextError, TextTooLongError
from messaging.writings.services.written import hide_written, show_written
from portal.core import access
from portal.core.actor import Actor
from portal.core.models import AuditEvent
from portal.core.submissions import AlreadySubmittedError
from portal.core.versions import EditedMeanwhileError
from tests import rows
from tests.messaging.conftest import NOW, later


def write(town, by, *groups, hat=Hat.STAFF, now=NOW, **content):
    fields = {"topic": "update", "title": "Herfst", "text": "In het park.", "replies": "on", **content}
    return publish_post(groups=[town.group[key] for key in groups], by=Actor(town.user[by], hat, now), **fields)


def test_publish_post_carries_name_function_version_and_audit(town):
    [post] = write(town, "Anna", "g4", text="Kijk op https://school.example")
    assert (post.author_name, post.author_function, post.hat) == ("juf Anna", "leerkracht groep 4", "staff")
    assert post.html.startswith('<p dir="auto">Kijk op <a href="https://school.example"')
    assert list(post.versions.values_list("number", "title", "text")) == [
        (1, "Herfst", "Kijk op https://school.example")
    ]
    event = AuditEvent.objects.get(verb="post.published")
    assert (event.subject_uid, event.actor_uid, event.school_uid, event.at) == (
        post.uid,
        town.user["Anna"].uid,
        town.school.uid,
        NOW,
    )


@pytest.mark.parametrize(
    ("by", "hat", "group", "allowed"),
    [
        ("Anna", "staff", "g4", True),
        ("Anna", "staff", "g7", False),
        ("Anna", "family", "g4", False),
        ("Anna", "staff", "@school", False),
        ("Petra", "staff", "@school", True),
        ("Karima", "family", "g4", False),
        ("Karima", "staff", "g4", False),
        ("Thijs", "staff", "g4", False),
        ("Lotte", "family", "@mr", True),
        ("Lotte", "family", "@school", False),
        ("Harm", "staff", "g4", False),
    ],
)
def test_publish_post_only_where_the_role_permits(town, by, hat, group, allowed):
    if allowed:
        assert len(write(town, by, group, hat=hat)) == 1
    else:
        with pytest.raises(PermissionDenied):
            write(town, by, group, hat=hat)
        assert Post.objects.count() == 0


def test_a_council_member_writes_as_its_member(town):
    [post] = write(town, "Lotte", "@mr", hat="family")
    assert (post.author_name, post.author_function) == ("Lotte Bouzid", "MR")


def test_written_together_is_one_post_per_group(town):
    posts = write(town, "Petra", "g4", "g7", "@school")
    assert [post.group for post in posts] == [town.group[key] for key in ("g4", "g7", "@school")]
    assert len({post.written_together for post in posts}) == 1
    assert posts[0].written_together is not None
    assert write(town, "Petra", "g4")[0].written_together is None


def test_one_group_that_is_not_permitted_refuses_all(town):
    with pytest.raises(PermissionDenied):
        write(town, "Anna", "g4", "g7")
    with pytest.raises(PermissionDenied):
        write(town, "Anna")
    with pytest.raises(PermissionDenied):
        write(town, "Anna", "g4", "g4")
    assert (
        Post.objects.count()
        == WritingVersion.objects.count()
        == AuditEvent.objects.filter(verb__startswith="post").count()
        == 0
    )


def test_after_the_year_nobody_writes_and_a_second_before_one_does(town):
    year_end = town.year.ends_at
    with pytest.raises(PermissionDenied):
        write(town, "Anna", "g4", now=year_end)
    assert write(town, "Anna", "g4", now=year_end - (later(seconds=1) - NOW))


def test_a_text_that_cannot_be_stored_writes_nothing(town):
    for field, value, error in [("text", "\u200b", EmptyTextError), ("title", "x" * 151, TextTooLongError)]:
        with pytest.raises(error):
            write(town, "Anna", "g4", **{field: value})
    assert Post.objects.count() == 0


def test_the_same_form_twice_is_one_post(town):
    key = uuid4()
    [first] = write(town, "Anna", "g4", submission_key=key)
    with pytest.raises(AlreadySubmittedError) as again:
        write(town, "Anna", "g4", submission_key=key)
    assert again.value.subject_uid == first.uid
    assert Post.objects.count() == 1


def change(town, post, *, by="Anna", version=1, now=NOW, hat=Hat.STAFF, together=False, **content):
    fields = {name: getattr(post, name) for name in ("topic", "title", "text", "replies")} | content
    return edit_post(post=post, version=version, by=Actor(town.user[by], hat, now), together=together, **fields)


def test_edit_post_keeps_both_versions(town, place):
    post = place()
    change(town, post, text="Anders.", now=later(days=40))
    post.refresh_from_db()
    assert (post.version, post.text, post.html, post.edited_at) == (
        2,
        "Anders.",
        '<p dir="auto">Anders.</p>',
        later(days=40),
    )
    assert list(post.versions.order_by("number").values_list("number", "text")) == [
        (1, "We waren in het park."),
        (2, "Anders."),
    ]


def test_edit_post_without_a_change_writes_nothing(town, place):
    post = place()
    change(town, post)
    post.refresh_from_db()
    assert (post.version, post.edited_at) == (1, None)


def test_a_stale_edit_carries_what_stands_there_now(town, place):
    post = place()
    change(town, post, text="Eerste.")
    with pytest.raises(EditedMeanwhileError) as stale:
        change(town, post, text="Tweede.")
    assert stale.value.current.text == "Eerste."
    assert WritingVersion.objects.count() == 2


@pytest.mark.parametrize(
    ("by", "hat"), [("Petra", "staff"), ("Karima", "family"), ("Anna", "family"), ("Harm", "staff")]
)
def test_only_the_author_edits_and_retracts(town, place, by, hat):
    post = place()
    with pytest.raises(PermissionDenied):
        change(town, post, by=by, hat=hat, text="Anders.")
    with pytest.raises(PermissionDenied):
        retract_post(post=post, by=Actor(town.user[by], hat, NOW))
    post.refresh_from_db()
    assert (post.version, post.state) == (1, "published")


def test_what_goes_to_two_schools_is_written_together_at_each(town):
    """Anna works at De Verte too. A vote, a place or a task is counted for the one school alone."""
    elsewhere = town.group["elders"]
    rows.staff(elsewhere.school, "Anna", Role.TEACHER, elsewhere, user=town.user["Anna"])
    rows.staff(town.school, "Anna", Role.TEACHER, town.group["g7"], user=town.user["Anna"])
    access.reproject(users=[town.user["Anna"].pk])
    four, seven, other = (post.written_together for post in write(town, "Anna", "g4", "g7", "elders"))
    assert four == seven is not None
    assert other is None


def test_editing_all_written_together_or_one_on_its_own(town, place):
    other, post = place("Petra", "g4", text="Iets anders."), place("Petra", "g4", "g7", "@school")
    three = Post.objects.exclude(pk=other.pk)
    change(town, post, by="Petra", text="Alle drie.", together=True)
    assert list(three.values_list("text", "version")) == [("Alle drie.", 2)] * 3
    post.refresh_from_db()
    change(town, post, by="Petra", version=2, text="Alleen groep 4.")
    post.refresh_from_db()
    assert post.written_together is None
    assert set(three.exclude(pk=post.pk).values_list("text", flat=True)) == {"Alle drie."}
    other.refresh_from_db()
    assert (other.text, other.version) == ("Iets anders.", 1)


def test_retracting_one_or_all(town, place):
    post = place("Petra", "g4", "g7", "@school")
    retract_post(post=post, by=Actor(town.user["Petra"], "staff", NOW))
    assert Post.objects.filter(state="retracted").count() == 1
    rest = Post.objects.exclude(pk=post.pk).first()
    retract_post(post=rest, by=Actor(town.user["Petra"], "staff", NOW), together=True)
    assert Post.objects.filter(state="retracted", retracted_at=NOW).count() == 3
    with pytest.raises(PermissionDenied):
        retract_post(post=post, by=Actor(town.user["Petra"], "staff", NOW))


def test_hide_and_show(town, place):
    post = place()
    hide_written(written=post, by=Actor(town.user["Petra"], Hat.STAFF, NOW))
    post.refresh_from_db()
    assert (post.state, post.hidden_at, post.hidden_by) == ("hidden", NOW, town.user["Petra"])
    hide_written(written=post, by=Actor(town.user["Petra"], Hat.STAFF, later(minutes=1)))
    show_written(written=post, by=Actor(town.user["Petra"], Hat.STAFF, later(minutes=2)))
    post.refresh_from_db()
    assert (post.state, post.hidden_at, post.hidden_by) == ("published", None, None)
    verbs = AuditEvent.objects.filter(subject_uid=post.uid).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["post.published", "post.hidden", "post.shown"]


@pytest.mark.parametrize("by", ["Karima", "Joost", "Harm", "Thijs"])
def test_who_does_not_administrate_the_group_hides_nothing(town, place, by):
    post = place()
    with pytest.raises(PermissionDenied):
        hide_written(written=post, by=Actor(town.user[by], Hat.STAFF, NOW))


def test_a_hidden_post_stays_hidden_when_its_author_edits_it(town, place):
    post = place()
    hide_written(written=post, by=Actor(town.user["Petra"], Hat.STAFF, NOW))
    change(town, post, text="Beter.")
    post.refresh_from_db()
    assert (post.state, post.text) == ("hidden", "Beter.")


def test_what_began_or_was_shown_again_in_a_time_is_of_that_time_alone(town, place):
    """The moment itself is of the time before it."""
    post, shown, out = place("Anna", "g4"), later(hours=2), later(hours=1)
    Post.objects.filter(pk=post.pk).update(shown_again_at=shown, published_at=out)
    for moment, between in ((shown, Post.objects.shown_between), (out, Post.objects.begun_between)):
        before, after, long_before = (moment + timedelta(seconds=seconds) for seconds in (-1, 1, -99))
        found = [list(between(*time)) for time in ((before, moment), (moment, after), (long_before, before))]
        assert found == [[post], [], []]
