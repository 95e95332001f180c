"""After a no: which photos wait, who looks at them, and what that brings back. No job runs in between."""

import re
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from consent.answers.services.choices import children_cards
from consent.asking.domain.purposes import IMAGES, Says
from consent.asking.services.texts import retire_purpose
from consent.models import ConsentRules, Decision, Purpose
from groups.models import Enrolment, Guardianship, Telling
from groups.roles import Hat
from messaging.models import Depiction, Image, Placement
from messaging.photos.services.judging import deny_depiction, judge_photos, remove_photo
from messaging.photos.services.review import review_of
from portal.core import waiting as waiting_things
from portal.core.actor import Actor
from portal.core.models import AuditEvent
from tests import rows
from tests.messaging.conftest import NOW, later
from tests.messaging.consent import answer, answer_own, say, sees
from tests.messaging.pages import FAMILY, STAFF, page_text, url
from tests.messaging.photo_files import uploads


def waiting(town, name="Anna", group="g4"):
    """About whom how many photos wait, and how many stay away, as the page finds them."""
    found = review_of(town.group[group], actor=Actor(town.user[name], Hat.ANY, NOW))
    return {child.first_name: photos for child, photos in found.children.items()}, found.all_barred


def judge(town, images, *on, child="Noor", by="Anna", group="g4"):
    return judge_photos(
        group=town.group[group],
        child=town.child[child],
        looked_at=[image.uid for image in images],
        on=[image.uid for image in on],
        by=Actor(town.user[by], Hat.ANY, NOW),
    )


def test_a_no_hides_photos_until_somebody_looked(town, photos):
    first, second = photos(2)
    assert waiting(town) == ({}, 0)
    answer(town, "Noor", Says.NO, by="Said")
    assert waiting(town) == ({"Noor": 2}, 0)
    assert [sees(town, "Lotte", image) for image in (first, second)] == [False, False]
    assert judge(town, [first, second], first) == (1, 1)
    assert [sees(town, "Lotte", image) for image in (first, second)] == [False, True]
    assert waiting(town) == ({}, 1)


def test_made_unrecognisable_it_stays_away_until_somebody_says_who_is_not_on_it(town, photos, browser_of):
    """That was nowhere said: one thought that it was done."""
    images = photos(2, marks=["Noor"])
    hint, review = "blijft weg tot je erbij zegt wie er niet meer op staat", url("review", STAFF, town.group["g4"].uid)
    anna = browser_of("Anna")

    def blurred(image):
        return anna.post(url("blur", STAFF, image.uid), {"cell": "7", "terug": review}, follow=True)

    assert hint not in page_text(blurred(images[0]))
    answer(town, "Noor", Says.NO, by="Said")
    assert hint in page_text(blurred(images[1]))
    assert not sees(town, "Lotte", images[1])
    deny_depiction(
        group=town.group["g4"],
        image=images[1].uid,
        person=town.child["Noor"].uid,
        by=Actor(town.user["Anna"], Hat.STAFF, NOW),
    )
    assert sees(town, "Lotte", images[1])


@pytest.mark.parametrize("says", list(Says))
def test_a_no_of_who_is_another_record_in_the_roster_stands(town, photos, says):
    """The file wrote her name otherwise. Her page said no, and the earlier yes of the father showed the child."""
    [image] = photos(marks=["Noor"])
    karima, noor = town.user["Karima"], town.child["Noor"]
    answer(town, "Noor", Says.YES, by="Said")
    answer(town, "Noor", Says.NO, by="Karima", now=later(minutes=1))
    ends = later(minutes=2)
    Guardianship.objects.filter(caregiver=town.caregiver["Karima"], child=noor).update(valid_until=ends)
    rows.caregiver(town.school, "Karíma", noor, user=karima)
    town.sync(ends)
    assert not sees(town, "Lotte", image, now=ends)
    page = children_cards(actor=Actor(karima, Hat.ANY, ends))
    [choice] = [one for card in page if card.child == noor for one in card.choices if one.purpose.key == IMAGES]
    assert (choice.says, choice.is_asked_again) == (Says.NO, True)
    answer(town, "Noor", says, by="Karima", now=later(minutes=3))
    assert sees(town, "Lotte", image, now=later(minutes=3)) == (says == Says.YES)
    assert Decision.objects.filter(child=noor, caregiver__user=karima).count() == 3


def test_where_nobody_asks_any_more_a_no_still_takes_photos_away(town, photos):
    [image] = photos()
    retire_purpose(
        purpose=Purpose.objects.get(school=town.school, key=IMAGES), by=Actor(town.user["Petra"], Hat.ANY, NOW)
    )
    assert sees(town, "Lotte", image)
    answer(town, "Noor", Says.NO, by="Said")
    assert not sees(town, "Lotte", image)


def test_a_new_yes_brings_everything_back(town, photos):
    [first, second] = photos(2)
    answer(town, "Noor", Says.NO, by="Said")
    judge(town, [first], first)
    answer(town, "Noor", Says.YES, by="Said")
    assert [sees(town, "Lotte", image) for image in (first, second)] == [True, True]
    assert waiting(town) == ({}, 0)


def test_only_who_sees_the_people_of_the_group_judges(town, photos):
    [image] = photos(1)
    answer(town, "Noor", Says.NO, by="Said")
    assert {name for name in town.user if sees(town, name, image)} == {"Anna", "Petra"}
    for name in town.user.keys() - {"Anna", "Petra"}:
        with pytest.raises(PermissionDenied):
            judge(town, [image], by=name)
        with pytest.raises(PermissionDenied):
            remove_photo(group=town.group["g4"], image=image.uid, by=Actor(town.user[name], Hat.STAFF, NOW))
        with pytest.raises(PermissionDenied):
            deny_depiction(
                group=town.group["g4"], image=image.uid, person=uuid4(), by=Actor(town.user[name], Hat.ANY, NOW)
            )


def test_a_teacher_judges_in_the_staff_hat_only(town, photos):
    [image] = photos(1, "g4")
    answer(town, "Noor", Says.NO, by="Said")
    anna = town.user["Anna"]
    found = [Image.objects.visible_to(Actor(anna, hat, NOW)).filter(pk=image.pk).exists() for hat in (STAFF, FAMILY)]
    assert found == [True, False]


def test_the_page_and_the_rule_agree(town, photos):
    """What is not shown and can be read is what somebody judges: found from the marks or from the photos."""
    images = photos(2) + photos(1, "@school", by="Petra") + photos(2, marks=[]) + photos(1, "g7", "g4", by="Petra")
    say(town, images[3], "Noor")
    say(town, images[4], "Fenna")
    answer(town, "Noor", Says.NO, by="Said")
    petra = town.user["Petra"]
    everything = Placement.objects.filter(image__in=images)
    hidden = everything.exclude(pk__in=everything.shown(schools=[town.school], now=NOW))
    assert set(everything.under_review_by(Actor(petra, Hat.ANY, NOW))) == set(hidden)
    assert {placement.image for placement in hidden} == {*images[:4], images[-1]}


def test_a_school_can_choose_to_list_only(town, photos):
    [image, other] = photos(2)
    ConsentRules.objects.create(school=town.school, hide_unseen=False)
    answer(town, "Noor", Says.NO, by="Said")
    assert (sees(town, "Lotte", image), waiting(town)) == (True, ({"Noor": 2}, 0))
    assert judge(town, [image, other], image) == (1, 1)
    assert (sees(town, "Lotte", image), sees(town, "Lotte", other)) == (False, True)


def test_children_who_came_later_are_looked_for_too(town, photos):
    [image] = photos(1, "g7", by="Joost", now=later(days=-30))
    answer(town, "Noor", Says.NO, by="Said")
    assert waiting(town, "Joost", "g7") == ({}, 0)
    rows.enrolment(town.child["Noor"], town.group["g7"], later(days=-1))
    assert waiting(town, "Joost", "g7") == ({"Noor": 1}, 0)
    assert {name for name in ("Thijs", "Karima", "Joost", "Petra") if sees(town, name, image)} == {
        "Thijs",
        "Joost",
        "Petra",
    }


def test_children_who_left_before_are_not(town, photos):
    Enrolment.objects.filter(child=town.child["Noor"], group=town.group["g4"]).update(valid_until=later(days=-1))
    photos(1)
    photos(1, now=later(days=-2))
    answer(town, "Noor", Says.NO, by="Said")
    assert waiting(town) == ({"Noor": 1}, 0)


def test_a_child_that_came_back_makes_no_photo_twice(town, photos):
    Enrolment.objects.filter(child=town.child["Noor"], group=town.group["g4"]).update(valid_until=later(hours=1))
    rows.enrolment(town.child["Noor"], town.group["g4"], later(hours=2))
    photos(3)
    answer(town, "Noor", Says.NO, by="Said")
    found = review_of(town.group["g4"], actor=Actor(town.user["Anna"], Hat.ANY, NOW))
    assert (waiting(town), len(found.photos)) == (({"Noor": 3}, 0), 3)


def test_two_children_each_have_their_look(town, photos):
    images = photos(2)
    answer(town, "Noor", Says.NO, by="Said")
    answer(town, "Fenna", Says.NO, by="Lotte")
    assert judge(town, images, images[0]) == (1, 0)
    assert waiting(town) == ({"Fenna": 2}, 1)
    assert judge(town, images, child="Fenna") == (0, 1)
    assert [sees(town, "Karima", image) for image in images] == [False, True]


def test_judging_twice_is_judging_once(town, photos):
    images = photos(2)
    answer(town, "Noor", Says.NO, by="Said")
    assert [judge(town, images, images[0]) for _ in range(2)] == [(1, 1), (1, 0)]
    assert AuditEvent.objects.filter(verb="photos.judged").count() == 1
    assert Depiction.objects.count() == 2


def test_who_saw_the_child_wins(town, photos):
    """Two look at once, in either order; one of them sees her."""
    images = photos(2)
    answer(town, "Noor", Says.NO, by="Said")
    judge(town, images, by="Petra")
    judge(town, images, images[0], by="Anna")
    judge(town, images, by="Petra")
    assert [sees(town, "Lotte", image) for image in images] == [False, True]
    mark = Depiction.objects.get(image=images[0])
    assert (mark.is_on, mark.said_by) == (True, town.user["Anna"])


def test_an_old_form_says_nothing_about_other_photos(town, photos):
    """A photo that came back meanwhile, one of another group, one that was never placed."""
    [image] = photos(1)
    [elsewhere] = photos(1, "g7", by="Joost")
    [lying] = uploads(1, by=town.user["Anna"], school=town.school, now=NOW)
    assert judge(town, [image, elsewhere, lying], elsewhere, lying) == (0, 0)
    assert Depiction.objects.count() == 0


def test_a_marked_photo_is_not_looked_at_again(town, photos):
    [image] = photos(1, marks=[])
    answer(town, "Noor", Says.NO, by="Said")
    assert (sees(town, "Lotte", image), waiting(town)) == (True, ({}, 0))


def test_this_child_is_not_on_it(town, photos):
    [image] = photos(1, marks=["Noor"])
    answer(town, "Noor", Says.NO, by="Said")
    assert waiting(town) == ({}, 1)
    noor, petra = town.child["Noor"].uid, town.user["Petra"]
    told = {"group": town.group["g4"], "image": image.uid, "person": noor, "by": Actor(petra, Hat.ANY, NOW)}
    assert [deny_depiction(**told) for _ in range(2)] == [True, False]
    assert (sees(town, "Lotte", image), waiting(town)) == (True, ({}, 0))
    assert (Depiction.objects.get().said_by, Depiction.objects.get().is_on) == (petra, False)
    assert AuditEvent.objects.filter(verb="photo.denied", actor_uid=petra.uid).count() == 1


def test_only_what_stays_away_can_be_denied_or_removed(town, photos):
    [image] = photos(1, marks=["Noor"])
    told = {"group": town.group["g4"], "image": image.uid, "by": Actor(town.user["Anna"], Hat.ANY, NOW)}
    assert deny_depiction(**told, person=town.child["Noor"].uid) is False
    assert remove_photo(**told) is False
    assert sees(town, "Lotte", image)


def test_removing_takes_it_out_and_brings_nothing_back(town, photos):
    [image], [other] = photos(1, marks=["Noor"]), photos(1, marks=[])
    answer(town, "Noor", Says.NO, by="Said")
    told = {"group": town.group["g4"], "image": image.uid, "by": Actor(town.user["Anna"], Hat.ANY, NOW)}
    assert [remove_photo(**told) for _ in range(2)] == [True, False]
    answer(town, "Noor", Says.YES, by="Said")
    assert [sees(town, name, image) for name in ("Lotte", "Anna")] == [False, False]
    assert (sees(town, "Lotte", other), waiting(town)) == (True, ({}, 0))
    assert AuditEvent.objects.filter(verb="photo.removed").count() == 1


def test_an_adult_on_the_photo_counts_too(town, photos):
    [image] = photos(1, marks=[])
    Depiction.objects.create(image=image, adult=town.user["Anna"], is_on=True, said_by=town.user["Anna"], said_at=NOW)
    answer_own(town, "Anna", says=Says.NO)
    found = review_of(town.group["g4"], actor=Actor(town.user["Petra"], Hat.ANY, NOW))
    assert [person.name for person in found.barred[0].people] == ["Anna"]


# The page.


def form_of(town, images, *on, child="Noor"):
    return {
        "act": "judge",
        "child": town.child[child].uid,
        "photo": [image.uid for image in images],
        "on": [image.uid for image in on],
    }


def tiles(html):
    """The photos of the form, in order."""
    form = re.search(r'<ul class="judge">.*?</ul>', html, re.S)
    return re.findall(r'name="photo" value="([^"]+)"', form[0]) if form else []


def test_thirty_at_a_time_and_one_tap_for_each_hit(town, photos, browser_of):
    images = photos(30) + photos(30, now=later(minutes=-5)) + photos(5, now=later(minutes=-9))
    answer(town, "Noor", Says.NO, by="Said")
    anna, page = browser_of("Anna"), url("review", STAFF, town.group["g4"].uid)
    hits, sent, taps = {str(images[number].uid) for number in (3, 40)}, 0, 0
    while shown := tiles(anna.get(page).content.decode()):
        tapped = hits.intersection(shown)
        data = {"act": "judge", "child": town.child["Noor"].uid, "photo": shown, "on": list(tapped)}
        assert (len(shown) <= 30, anna.post(page, data).status_code) == (True, 302)
        sent, taps = sent + 1, taps + len(tapped)
    assert (sent, taps) == (3, 2)
    assert {str(image.uid) for image in images if not sees(town, "Lotte", image)} == hits


def test_the_page_says_what_happened(town, photos, browser_of):
    images = photos(3)
    answer(town, "Noor", Says.NO, by="Said")
    anna, page = browser_of("Anna"), url("review", STAFF, town.group["g4"].uid)
    first = page_text(anna.get(page))
    assert "Said" not in first
    assert "Noor" in first
    after = page_text(anna.post(page, form_of(town, images, images[0]), follow=True))
    assert "2 foto’s zijn terug. 1 foto blijft weg." in after
    done = anna.post(page, {"act": "remove", "photo": images[0].uid}, follow=True)
    assert "Niets te bekijken" in page_text(done)


def test_who_placed_a_photo_that_is_taken_out_is_told(town, photos, browser_of):
    """Without a word of which child or which parent; who takes it out oneself knows."""
    images = photos(2)
    answer(town, "Noor", Says.NO, by="Said")
    page = url("review", STAFF, town.group["g4"].uid)
    browser_of("Anna").post(page, {"act": "remove", "photo": images[0].uid})
    browser_of("Petra").post(page, {"act": "remove", "photo": images[1].uid})
    [told] = Telling.objects.filter(to=town.user["Anna"])
    assert (told.kind, told.words) == ("photo_out", "")


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"act": "burn"},
        {"act": "judge", "child": "x"},
        {"act": "judge", "child": str(uuid4())},
        {"act": "absent"},
        {"act": "absent", "photo": "x", "person": "y"},
        {"act": "remove", "photo": str(uuid4())},
        {"act": "judge", "photo": ["x"] * 40, "on": [str(uuid4())] * 40},
    ],
)
def test_odd_answers_change_nothing(town, photos, browser_of, data):
    photos(1)
    answer(town, "Noor", Says.NO, by="Said")
    response = browser_of("Anna").post(url("review", STAFF, town.group["g4"].uid), data)
    assert response.status_code in {302, 404}
    assert (Depiction.objects.count(), Placement.objects.filter(removed_at=None).count()) == (0, 1)


def test_a_child_of_another_group_is_not_spoken_about(town, photos, browser_of):
    images = photos(1)
    answer(town, "Ilyas", Says.NO, by="Said")
    response = browser_of("Anna").post(
        url("review", STAFF, town.group["g4"].uid), form_of(town, images, *images, child="Ilyas")
    )
    assert (response.status_code, Depiction.objects.count()) == (404, 0)


def test_nobody_else_opens_the_page(town, photos, browser_of):
    photos(1)
    answer(town, "Noor", Says.NO, by="Said")
    page = url("review", STAFF, town.group["g4"].uid)
    opened = {name for name in town.user if browser_of(name).get(page).status_code == 200}
    assert opened == {"Anna", "Petra"}
    assert browser_of("Anna").get(url("review", FAMILY, town.group["g4"].uid)).status_code == 404


def at_the_desk(town, name):
    """The groups of which photos wait on the desk of `name`, with the words beside each."""
    [photos] = [queue for queue in waiting_things.queues() if queue.name == "photos"]
    actor = Actor(town.user[name], Hat.ANY, NOW)
    rows = list(photos.rows(actor))
    return {row.name: photos.lines(rows, actor)[row.pk].what for row in rows}


def test_on_the_desk_a_group_is_one_row_until_everything_is_looked_at(town, photos):
    first, second = photos(2)
    assert at_the_desk(town, "Petra") == {}
    answer(town, "Noor", Says.NO, by="Said")
    name = town.group["g4"].name
    with translation.override("en"):
        found = {one: at_the_desk(town, one) for one in town.user}
        rows = {name: "2 photos to look at"}
        assert {one: waits for one, waits in found.items() if waits} == {"Anna": rows, "Petra": rows}
        judge(town, [first])
        assert at_the_desk(town, "Petra") == {name: "1 photo to look at"}
    judge(town, [second], second)
    assert at_the_desk(town, "Petra") == {}
    assert waiting(town) == ({}, 1)
