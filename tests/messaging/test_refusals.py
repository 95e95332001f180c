"""The receipt of a no: counted once, mailed once to who said it, whatever the order in which rows arrive."""

import pytest

from consent.answers.services.decisions import decide_for_child
from consent.answers.services.reluctance import end_reluctance, note_reluctance
from consent.asking.domain.purposes import WEBSITE, Says
from consent.models import ConsentRules, Purpose
from groups.models import Group
from groups.people.services.guardianships import end_guardianship
from groups.roles import Hat
from messaging.models import FollowedRefusal
from messaging.photos.mail import render_receipts
from messaging.photos.services.refusals import follow_refusals
from messaging.photos.services.review import review_of
from messaging.tasks import tell_about_refusals
from portal.core.actor import Actor
from portal.core.models import OutboxItem
from portal.core.outbox import Mail, Withheld
from tests.messaging.conftest import NOW
from tests.messaging.consent import answer, answer_own

pytestmark = pytest.mark.engines


def receipts():
    """Who gets a receipt about how many photos."""
    rows = OutboxItem.objects.filter(kind="photos_hidden").order_by("pk")
    followed = FollowedRefusal.objects.select_related("decision", "reluctance")
    counts = {(one.decision or one.reluctance).uid: one.hidden for one in followed}
    return [(row.recipient.name, counts[row.subject_uid]) for row in rows]


def rendered():
    return list(render_receipts(list(OutboxItem.objects.filter(kind="photos_hidden").order_by("pk")), NOW))


def test_who_said_no_hears_how_many_photos_are_away(town, photos):
    photos(3)
    photos(1, marks=["Noor"]), photos(1, marks=[])
    answer(town, "Noor", Says.NO, by="Said")
    assert follow_refusals(now=NOW) == 1
    assert receipts() == [("Said", 4)]
    [mail] = rendered()
    assert isinstance(mail, Mail)
    assert "Noor" not in mail.subject
    assert "Bekijk mijn keuzes" in mail.html
    for words in (mail.text, mail.html):
        assert "4 foto’s niet meer te zien" in " ".join(words.split())
        assert "Noor" in words
        assert "vrijdag 20 november om 14.10 uur" in words
        assert "Said" not in words
        assert "Karima" not in words


def test_following_twice_is_following_once(town, photos):
    photos(1)
    answer(town, "Noor", Says.NO, by="Said")
    assert [follow_refusals(now=NOW) for _ in range(2)] == [1, 0]
    tell_about_refusals()
    assert (receipts(), FollowedRefusal.objects.count()) == ([("Said", 1)], 1)


def test_no_photos_no_mail_and_followed_all_the_same(town, photos):
    photos(1, "g7", by="Joost")
    answer(town, "Noor", Says.NO, by="Said")
    assert (follow_refusals(now=NOW), receipts()) == (1, [])
    assert FollowedRefusal.objects.get().hidden == 0


def test_a_yes_before_the_receipt_leaves_nothing_to_tell(town, photos):
    photos(1)
    answer(town, "Noor", Says.NO, by="Said")
    answer(town, "Noor", Says.YES, by="Said")
    assert (follow_refusals(now=NOW), receipts()) == (1, [])


def test_only_photos_in_the_groups_are_counted(town, photos):
    """Other purposes hide no photo in Kring; a yes hides nothing."""
    photos(1)
    website = Purpose.objects.get(school=town.school, key=WEBSITE)
    decide_for_child(
        child=town.child["Noor"], answers={website: (Says.NO, 1)}, by=Actor(town.user["Said"], Hat.ANY, NOW)
    )
    answer(town, "Ilyas", Says.YES, by="Said")
    assert (follow_refusals(now=NOW), receipts()) == (0, [])


def test_a_no_that_is_committed_late_is_followed_too(town, photos):
    """A row with a lower number appears after a higher one was followed."""
    photos(1)
    first, second = (answer(town, "Noor", Says.NO, by=name) for name in ("Said", "Karima"))
    FollowedRefusal.objects.create(decision=second, hidden=1, followed_at=NOW)
    assert follow_refusals(now=NOW) == 1
    assert FollowedRefusal.objects.filter(decision=first, hidden=1).exists()
    assert receipts() == [("Said", 1)]


def test_each_who_says_no_has_an_own_receipt(town, photos):
    photos(2)
    for name in ("Said", "Karima"):
        answer(town, "Noor", Says.NO, by=name)
    answer(town, "Fenna", Says.NO, by="Lotte")
    assert follow_refusals(now=NOW) == 3
    assert receipts() == [("Said", 2), ("Karima", 2), ("Lotte", 2)]


def test_a_school_that_only_lists_hides_what_is_marked(town, photos):
    ConsentRules.objects.create(school=town.school, hide_unseen=False)
    photos(3)
    photos(1, marks=["Noor"])
    answer(town, "Noor", Says.NO, by="Said")
    assert (follow_refusals(now=NOW), receipts()) == (1, [("Said", 1)])


def test_an_adult_hears_about_the_own_image(town, photos):
    [image] = photos(1, marks=[])
    image.depictions.create(adult=town.user["Anna"], is_on=True, said_by=town.user["Anna"], said_at=NOW)
    answer_own(town, "Anna", says=Says.NO)
    assert (follow_refusals(now=NOW), receipts()) == (1, [("Anna", 1)])
    [mail] = rendered()
    assert "foto’s van jezelf" in mail.text


def test_who_does_not_decide_any_more_hears_nothing(town, photos):
    photos(1)
    answer(town, "Noor", Says.NO, by="Said")
    follow_refusals(now=NOW)
    guardianship = town.caregiver["Said"].guardianships.get(child=town.child["Noor"])
    end_guardianship(guardianship=guardianship, by=Actor(town.user["Petra"], Hat.ANY, NOW))
    assert [type(answer) for answer in rendered()] == [Withheld]


REFUSALS = [("Said", "Ilyas"), ("Karima", "Ilyas"), ("Said", "Noor"), ("Karima", "Noor"), ("Lotte", "Fenna")]


@pytest.mark.parametrize("count", [1, 5])
def test_questions_do_not_grow_with_the_answers(town, photos, django_assert_num_queries, count):
    for parent, child in REFUSALS[:count]:
        answer(town, child, Says.NO, by=parent)
    with django_assert_num_queries(8):
        assert follow_refusals(now=NOW) == count


# A child's own "liever niet".


@pytest.fixture
def rather_not(town, photos):
    """Ilyas, of groep 7, would rather not; there are three photos of groep 7 and one of groep 4."""
    Group.objects.filter(pk=town.group["g7"].pk).update(year_level="7")
    photos(3, "g7", by="Joost")
    photos(1)
    return note_reluctance(child=town.child["Ilyas"], note="In de kring", by=Actor(town.user["Joost"], Hat.ANY, NOW))


def test_parents_hear_what_their_childs_own_wish_keeps_away(town, rather_not):
    assert [follow_refusals(now=NOW) for _ in range(2)] == [1, 0]
    assert receipts() == [("Karima", 3), ("Said", 3)]
    mails = rendered()
    assert [type(mail) for mail in mails] == [Mail, Mail]
    for words in (mails[0].text, mails[0].html):
        assert "Ilyas staat liever niet op foto’s" in words
        assert "3 foto’s niet meer te zien" in " ".join(words.split())
        assert "In de kring" not in words
        assert "U zei nee" not in words
    assert "Ilyas" not in mails[0].subject


def test_parents_of_younger_children_are_not_told(town, photos):
    photos(2)
    note_reluctance(child=town.child["Noor"], note="", by=Actor(town.user["Anna"], Hat.ANY, NOW))
    assert (follow_refusals(now=NOW), receipts()) == (1, [])
    assert FollowedRefusal.objects.get().hidden == 2


def test_what_was_taken_back_is_not_told(town, rather_not):
    end_reluctance(child=town.child["Ilyas"], by=Actor(town.user["Joost"], Hat.ANY, NOW))
    assert (follow_refusals(now=NOW), receipts()) == (1, [])


def test_what_is_taken_back_before_the_mail_leaves_is_withheld(town, rather_not):
    follow_refusals(now=NOW)
    end_reluctance(child=town.child["Ilyas"], by=Actor(town.user["Joost"], Hat.ANY, NOW))
    assert [type(answer) for answer in rendered()] == [Withheld, Withheld]


def test_who_lost_authority_hears_nothing_of_it(town, rather_not):
    follow_refusals(now=NOW)
    guardianship = town.caregiver["Said"].guardianships.get(child=town.child["Ilyas"])
    end_guardianship(guardianship=guardianship, by=Actor(town.user["Petra"], Hat.ANY, NOW))
    assert [type(answer) for answer in rendered()] == [Mail, Withheld]


def test_the_teacher_has_the_same_task_as_after_a_no(town, rather_not):
    found = review_of(town.group["g7"], actor=Actor(town.user["Joost"], Hat.ANY, NOW))
    assert {child.first_name: photos for child, photos in found.children.items()} == {"Ilyas": 3}
