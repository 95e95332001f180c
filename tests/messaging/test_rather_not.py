"""A child that would rather not be on one photo: away at once, for everybody, and back when it changed its mind."""

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied

from consent.asking.domain.purposes import Says
from groups.models import Child, Enrolment, Level
from groups.roles import Hat
from messaging.models import Depiction, Placement, Post
from messaging.photos.services.judging import deny_depiction, judge_photos, remove_photo
from messaging.photos.services.placements import pictures_of
from messaging.photos.services.rather_not import children_to_hear, forget_on_photo, note_on_photo
from messaging.photos.services.review import review_of
from messaging.posts.services.posts import edit_post
from messaging.writings.domain.text import content_in
from portal.core.actor import Actor
from portal.core.models import AuditEvent
from tests.messaging.conftest import NOW, later
from tests.messaging.consent import answer, sees
from tests.messaging.pages import FAMILY, STAFF, page_text, url
from tests.messaging.photo_files import uploads


def about(town, image, child="Noor", by="Anna", group="g4"):
    person = town.child[child]
    return {"group": town.group[group], "image": image.uid, "child": person, "by": Actor(town.user[by], Hat.ANY, NOW)}


def page_of(town, image, group="g4", hat=STAFF):
    return url("rather_not", hat, town.group[group].uid, image.uid)


def test_the_photo_is_away_for_everybody_and_no_other_is(town, photos):
    [image], [other] = photos(1), photos(1)
    assert [note_on_photo(**about(town, image), note="Staat er raar op.") for _ in range(2)] == [True, False]
    readers = ("Karima", "Said", "Lotte", "Riet", "Thijs")
    assert [sees(town, name, image) for name in readers] == [False] * 5
    assert [sees(town, name, other) for name in readers] == [True] * 5
    mark = Depiction.objects.get()
    assert (mark.is_on, mark.is_reluctant, mark.note, mark.said_by) == (
        True,
        True,
        "Staat er raar op.",
        town.user["Anna"],
    )


def test_it_stays_away_whatever_the_parents_say_and_comes_back_when_the_child_says_so(town, photos):
    [image] = photos(1, marks=["Noor"])
    note_on_photo(**about(town, image), note="")
    answer(town, "Noor", Says.NO, by="Said")
    answer(town, "Noor", Says.YES, by="Said")
    assert not sees(town, "Lotte", image)
    assert [forget_on_photo(**about(town, image, by="Petra")) for _ in range(2)] == [True, False]
    assert sees(town, "Lotte", image)
    assert (Depiction.objects.get().is_on, Depiction.objects.get().note) == (True, "")
    assert list(AuditEvent.objects.filter(verb__startswith="photo.").values_list("verb", flat=True)) == [
        "photo.rather_not",
        "photo.all_right",
    ]
    assert "Noor" not in str(list(AuditEvent.objects.values()))


def saved_again(town, pictures, by="Anna"):
    """The form of the message, as it was opened before, with another title."""
    post = Post.objects.get()
    words = {**content_in(vars(post)), "title": "Alleen een tikfout"}
    edit_post(
        post=post, version=post.version, by=Actor(town.user[by], STAFF, later(minutes=9)), pictures=pictures, **words
    )


def noted(town, image):
    note_on_photo(**about(town, image, by="Petra"), note="")


def judged(town, image):
    answer(town, "Noor", Says.NO, by="Said")
    by = Actor(town.user["Petra"], Hat.ANY, later(minutes=5))
    judge_photos(group=town.group["g4"], child=town.child["Noor"], looked_at=[], on=[image.uid], by=by)


def taken_out(town, image):
    judged(town, image)
    remove_photo(group=town.group["g4"], image=image.uid, by=Actor(town.user["Petra"], Hat.ANY, later(minutes=6)))


@pytest.mark.parametrize("goes", [noted, judged, taken_out])
def test_a_form_that_was_open_meanwhile_brings_no_photo_back(town, photos, goes):
    """Its marks are of before; what keeps a photo away goes where it was said, with a line in the trail."""
    [image] = photos(1, marks=["Mees"])
    in_the_form = pictures_of(Post.objects.get())
    goes(town, image)
    assert not sees(town, "Lotte", image)
    saved_again(town, in_the_form)
    assert Post.objects.get().title == "Alleen een tikfout"
    assert not sees(town, "Lotte", image)


def test_leaving_out_a_tick_takes_no_rather_not_back(town, photos):
    [image] = photos(1, marks=["Noor"])
    noted(town, image)
    saved_again(town, [replace(one, marks=frozenset()) for one in pictures_of(Post.objects.get())])
    assert not sees(town, "Lotte", image)


def test_who_wrote_the_message_unmarks_no_own_child_after_the_other_parents_no(town, photos):
    [image] = photos(1, "g7", by="Thijs", marks=["Mees"])
    town.add_parent("Bo", "Mees")
    town.sync()
    answer(town, "Mees", Says.NO, by="Bo")
    saved_again(town, [replace(one, marks=frozenset()) for one in pictures_of(Post.objects.get())], by="Thijs")
    assert not sees(town, "Karima", image)


def test_who_was_seen_not_to_be_on_it_is_after_all(town, photos):
    [image] = photos(1)
    answer(town, "Noor", Says.NO, by="Said")
    looked = {"group": town.group["g4"], "child": town.child["Noor"], "by": Actor(town.user["Anna"], Hat.ANY, NOW)}
    judge_photos(looked_at=[image.uid], on=[], **looked)
    assert sees(town, "Lotte", image)
    note_on_photo(**about(town, image), note="")
    answer(town, "Noor", Says.YES, by="Said")
    assert not sees(town, "Lotte", image)


def test_a_photo_of_two_groups_is_away_in_both(town, photos):
    [image] = photos(1, "g4", "g7", by="Petra")
    note_on_photo(**about(town, image), note="")
    assert [sees(town, name, image) for name in ("Lotte", "Karima")] == [False, False]


def test_nobody_who_does_not_see_the_people_of_the_group_writes_it_down(town, photos):
    [image] = photos(1)
    for name in town.user.keys() - {"Anna", "Petra"}:
        with pytest.raises(PermissionDenied):
            note_on_photo(**about(town, image, by=name), note="")
        with pytest.raises(PermissionDenied):
            forget_on_photo(**about(town, image, by=name))
    assert Depiction.objects.count() == 0


def test_nobody_writes_it_down_about_the_own_child(town, photos):
    """W17, W18: Bo teaches groep 4, where her own Mees is."""
    [image] = photos(1, marks=["Mees"])
    town.add_staff("Bo", "leerkracht groep 4", "teacher", "g4")
    town.add_parent("Bo", "Mees")
    town.sync()
    with pytest.raises(PermissionDenied):
        note_on_photo(**about(town, image, "Mees", by="Bo"), note="")
    assert note_on_photo(**about(town, image, "Mees"), note="")
    with pytest.raises(PermissionDenied):
        forget_on_photo(**about(town, image, "Mees", by="Bo"))
    denied = {"group": town.group["g4"], "image": image.uid, "person": town.child["Mees"].uid}
    with pytest.raises(PermissionDenied):
        deny_depiction(by=Actor(town.user["Bo"], Hat.ANY, NOW), **denied)
    assert town.child["Mees"] not in children_to_hear(
        town.group["g4"], image.uid, actor=Actor(town.user["Bo"], Hat.ANY, NOW)
    )


def test_nobody_reads_that_the_own_child_would_rather_not(town, photos, browser_of):
    """POL-45: it told Anna. Bo, its mother, teaches groep 4 too, and reads neither that nor its words."""
    [image] = photos(1, marks=["Mees"])
    town.add_staff("Bo", "leerkracht groep 4", "teacher", "g4")
    town.add_parent("Bo", "Mees")
    town.sync()
    for child in ("Mees", "Noor"):
        note_on_photo(**about(town, image, child), note=f"Zegt {child}.")
    read = {}
    for name in ("Anna", "Bo"):
        pages = [page_of(town, image), url("review", STAFF, town.group["g4"].uid)]
        text = " ".join(page_text(browser_of(name).get(page)) for page in pages)
        words = ("Zegt Mees", "Zegt Noor", "Mees staat er liever niet op", "Noor staat er liever niet op")
        read[name] = [one for one in words if one in text]
    assert read == {"Anna": [*words], "Bo": ["Zegt Noor", "Noor staat er liever niet op"]}


def test_a_teacher_does_not_judge_photos_of_the_own_child(town, photos, browser_of):
    """W17: the other parent said no; the mother, who teaches the class, does not bring the photos back."""
    images = photos(2)
    town.add_staff("Bo", "leerkracht groep 4", "teacher", "g4")
    town.add_parent("Bo", "Mees")
    town.sync()
    answer(town, "Mees", Says.NO, by="Thijs")
    looked = {"group": town.group["g4"], "child": town.child["Mees"], "looked_at": [one.uid for one in images]}
    with pytest.raises(PermissionDenied):
        judge_photos(**looked, on=[], by=Actor(town.user["Bo"], Hat.ANY, NOW))
    page = page_text(browser_of("Bo").get(url("review", STAFF, town.group["g4"].uid)))
    assert "Mees is je eigen kind. Een collega bekijkt de foto’s." in page
    assert "Tik aan" not in page
    assert judge_photos(**looked, on=[], by=Actor(town.user["Anna"], Hat.ANY, NOW)) == (0, 2)


def test_only_children_who_can_be_on_it(town, photos):
    """Who is in the group, or left since, or is marked; a photo elsewhere, or nowhere, is none of this group's."""
    before, since = later(days=-1), later(minutes=1)
    Enrolment.objects.filter(child=town.child["Pim"], group=town.group["g4"]).update(valid_until=before)
    [image] = photos(1, marks=["Ilyas"])
    Enrolment.objects.filter(child=town.child["Mees"], group=town.group["g4"]).update(valid_until=since)
    names = [
        child.first_name
        for child in children_to_hear(town.group["g4"], image.uid, actor=Actor(town.user["Anna"], Hat.ANY, NOW))
    ]
    assert names == ["Fenna", "Ilyas", "Mees", "Noor"]
    [elsewhere], [lying] = photos(1, "g7", by="Joost"), uploads(1, by=town.user["Anna"], school=town.school, now=NOW)
    for photo, child in ((image, "Pim"), (elsewhere, "Noor"), (lying, "Noor")):
        with pytest.raises(PermissionDenied):
            note_on_photo(**about(town, photo, child), note="")


def test_what_is_out_of_the_message_is_gone(town, photos, browser_of):
    [image] = photos(1)
    Placement.objects.update(removed_at=NOW)
    with pytest.raises(PermissionDenied):
        note_on_photo(**about(town, image), note="")
    assert browser_of("Anna").get(page_of(town, image)).status_code == 404


# The page.


def test_from_the_large_view_in_two_taps_and_back_in_one(town, photos, browser_of):
    [image] = photos(1)
    anna, post = browser_of("Anna"), image.placements.get().writing
    large = anna.get(url("viewer", STAFF, post.uid, 1)).content.decode()
    assert page_of(town, image) in large
    page = page_text(anna.get(page_of(town, image)))
    assert all(child.first_name in page for child in Child.objects.enrolled_in([town.group["g4"]], now=NOW))
    assert f'data-keep="rather-not-{image.uid}"' in anna.get(page_of(town, image)).content.decode()
    said = anna.post(page_of(town, image), {"who": town.child["Noor"].uid, "note": "Ogen dicht"}, follow=True)
    assert "Niemand ziet deze foto nog" in page_text(said)
    assert "“Ogen dicht”" in page_text(said)
    away = browser_of("Karima").get(url("viewer", FAMILY, post.uid, 1))
    assert away.headers["Location"] == url("post", FAMILY, post.uid)
    review = page_text(anna.get(url("review", STAFF, town.group["g4"].uid)))
    assert "Noor staat er liever niet op." in review
    assert "Ogen dicht" not in review
    anna.post(page_of(town, image), {"act": "all_right", "person": town.child["Noor"].uid})
    assert browser_of("Karima").get(url("viewer", FAMILY, post.uid, 1)).status_code == 200


def test_two_children_of_one_first_name_are_told_apart(town, photos, browser_of):
    [image] = photos(1)
    other = town.add_child("Noor 2", "g4")
    Child.objects.filter(pk=other.pk).update(first_name="Noor", last_name="Postma")
    page = page_text(browser_of("Anna").get(page_of(town, image)))
    assert ("Noor Bouzid" in page, "Noor Postma" in page, "Fenna Bouzid" in page) == (True, True, False)


def test_parents_and_other_teachers_find_no_button_and_no_page(town, photos, browser_of):
    [image] = photos(1, "@school", by="Petra")
    post = image.placements.get().writing
    for name, hat in (("Karima", FAMILY), ("Anna", STAFF)):
        assert "liever-niet" not in browser_of(name).get(url("viewer", hat, post.uid, 1)).content.decode()
    [image] = photos(1)
    opened = {name for name in town.user if browser_of(name).get(page_of(town, image)).status_code == 200}
    assert opened == {"Anna", "Petra"}
    assert browser_of("Anna").get(page_of(town, image, hat=FAMILY)).status_code == 404
    assert browser_of("Petra").get(page_of(town, image, group="g7")).status_code == 404


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({}, 422),
        ({"who": "x"}, 422),
        ({"who": "{Ilyas}"}, 422),
        ({"who": "{Noor}", "note": "x" * 501}, 422),
        ({"act": "all_right"}, 404),
        ({"act": "all_right", "person": "{Ilyas}"}, 404),
    ],
)
def test_odd_answers_change_nothing(town, photos, browser_of, data, status):
    [image] = photos(1)
    filled = {name: value.format(**{key: one.uid for key, one in town.child.items()}) for name, value in data.items()}
    response = browser_of("Anna").post(page_of(town, image), filled)
    assert (response.status_code, Depiction.objects.count()) == (status, 0)


def test_a_reader_who_was_let_in_is_family_too(town, photos):
    [image] = photos(1)
    town.add_staff("Bo", "leerkracht groep 4", "teacher", "g4")
    town.add_parent("Bo", "Fenna", level=Level.ADMITTED_READER)
    town.sync()
    with pytest.raises(PermissionDenied):
        note_on_photo(**about(town, image, "Fenna", by="Bo"), note="")


def test_the_list_of_what_stays_away_says_about_whom(town, photos):
    [image] = photos(1, marks=["Noor", "Fenna"])
    note_on_photo(**about(town, image), note="")
    answer(town, "Fenna", Says.NO, by="Lotte")
    [one] = review_of(town.group["g4"], actor=Actor(town.user["Anna"], Hat.ANY, NOW)).barred
    assert sorted((person.name, person.rather_not) for person in one.people) == [("Fenna", False), ("Noor", True)]
