"""The directie's people page, the decisions and letters made there, and a teacher's view of the own families."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from groups.models import Child, Guardianship, Invitation, Level
from groups.people.services.guardianships import decide_guardianship
from groups.people.services.shields import shield_child
from groups.roles import Hat
from portal.core.actor import Actor
from portal.core.models import AuditEvent, User
from tests import rows
from tests.groups.small_school import END, SmallSchool, account, come_in, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_their_year")]
PEOPLE = "/school/mensen/"


@pytest.fixture(autouse=True)
def _without_second_factor(settings):
    settings.KRING_SECOND_FACTOR = False


@pytest.fixture
def small() -> SmallSchool:
    return SmallSchool.make()


@pytest.fixture
def directie(small):
    client = visitor()
    client.force_login(small.directie())
    return client


def group_page(group):
    return reverse("groups:people_of_group", args=[group.uid])


def page(client, path):
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def open_row(caregiver) -> Guardianship:
    return caregiver.guardianships.get(valid_until=None)


def decide_url(caregiver, act):
    return reverse("groups:decide", args=[open_row(caregiver).uid, act])


def form_key():
    return {"key": str(uuid4())}


WAITS = "De Test 99XX still looks whether you belong to one more child."


def of_second_child(small, level=Level.UNVERIFIED):
    """A mother who is in for Noor; the list names her with Ilyas too, without saying what she may."""
    mother = small.caregiver(small.child(), "karima@thuis.example")
    ilyas = small.child("Ilyas")
    bond = rows.guardianship(mother, ilyas, level)
    client = visitor()
    client.force_login(come_in(mother))
    return client, bond


def test_an_address_that_is_too_long_for_its_line_breaks_after_its_at(small):
    client, _ = of_second_child(small)
    assert "<b>karima@<wbr>thuis.example</b>" in page(client, "/instellingen/e-mail/")


@pytest.mark.parametrize("url", ["/instellingen/", "/brief/"])
def test_a_parent_who_waits_for_a_second_child_reads_where_that_stands(small, url):
    client, bond = of_second_child(small)
    body = page(client, url)
    assert WAITS in body
    assert "Ilyas" not in body
    by = Actor(small.directie(), Hat.ANY, timezone.now())
    decide_guardianship(guardianship=bond, level=Level.WITHOUT_AUTHORITY, by=by)
    assert WAITS not in page(client, url)


@pytest.mark.parametrize("url", ["/instellingen/", "/brief/"])
@pytest.mark.parametrize(("is_colleague", "words"), [(True, "kijkt nog of je ook"), (False, "kijkt nog of u ook")])
def test_a_colleague_who_is_no_parent_yet_reads_it_as_a_colleague(small, url, is_colleague, words):
    parent = small.caregiver(small.child(), "bo@thuis.example")
    if is_colleague:
        come_in(small.staff(parent.email, group=small.group))
        parent.guardianships.update(level=Level.UNVERIFIED)
    else:
        rows.guardianship(parent, small.child("Ilyas"), Level.UNVERIFIED)
    user = come_in(parent)
    user.language = "nl"
    user.save()
    client = visitor()
    client.force_login(user)
    assert words in page(client, url)


@pytest.mark.parametrize("level", [level for level in Level if level != Level.UNVERIFIED])
def test_who_does_not_wait_reads_nothing_of_it(small, level):
    client, _ = of_second_child(small, level)
    assert "still looks whether" not in page(client, "/brief/")


@pytest.mark.parametrize("hidden", ["shielded", "left"])
def test_of_a_child_that_is_shielded_or_left_it_says_nothing(small, hidden):
    client, bond = of_second_child(small)
    if hidden == "left":
        Child.objects.filter(pk=bond.child_id).update(left_at=timezone.now())
    else:
        shield_child(child=bond.child, reason="Een geheim adres.", by=Actor(small.directie(), Hat.ANY, timezone.now()))
    assert "still looks whether" not in page(client, "/brief/")


def test_of_a_child_that_left_nobody_gets_a_letter(directie, small):
    """Nor is one offered, by the page of the adult, the list somebody chose from, or an old page with the button."""
    child = small.child("Sem")
    father = small.caregiver(child, first_name="Wouter")
    bond, chosen = open_row(father), f"{reverse('groups:print_chosen')}?wie={father.uid}"
    url, sheet = reverse("groups:guardianship", args=[bond.uid]), reverse("groups:print_one", args=[bond.uid])
    assert sheet in page(directie, url)
    directie.post(sheet, form_key())
    assert "Not used yet, good until" in page(directie, url)
    Child.objects.filter(pk=child.pk).update(left_at=timezone.now())
    body = page(directie, url)
    assert sheet not in body
    assert ("good until" in body, "Not used, and opens nothing any more." in body) == (False, True)
    assert "Sem is at this school no more." in body
    assert directie.get(chosen).context["rows"] == []
    assert "Nobody needs a letter here any more." in directie.get(sheet, follow=True).content.decode()
    directie.post(sheet, form_key())
    assert Invitation.objects.filter(guardianship=bond).count() == 1


def test_whose_leaving_is_known_gets_a_letter_until_that_day(directie, small):
    child = small.child("Sem")
    father = small.caregiver(child, first_name="Wouter")
    Child.objects.filter(pk=child.pk).update(left_at=timezone.now() + timedelta(days=30))
    assert reverse("groups:print_one", args=[open_row(father).uid]) in page(
        directie, reverse("groups:guardianship", args=[open_row(father).uid])
    )
    assert directie.get(f"{reverse('groups:print_chosen')}?wie={father.uid}").context["rows"] == [open_row(father)]


def test_who_waits_stands_on_the_desk(directie, small):
    waiting = small.caregiver(small.child("Sem"), level=Level.UNVERIFIED, first_name="Wouter")
    body = page(directie, reverse("desk:index"))
    assert f"May {waiting.full_name} come in?" in body
    assert "with Sem Bouzid, groep g4" in body
    assert "Wouter" not in page(directie, PEOPLE)


def test_a_group_says_how_many_families_are_in(directie, small):
    come_in(small.caregiver(small.child("Noor"), "karima@thuis.example"))
    small.caregiver(small.child("Sem"), "wouter@thuis.example")
    assert "1 of 2 families are in" in page(directie, PEOPLE)
    assert "1 of 2 families are in" in page(directie, group_page(small.group))


def test_whose_address_somebody_else_has_too_needs_a_letter(directie, small):
    """The list said "not in yet" of a parent whom the address would never bring in."""
    words = "address also of somebody else: give a letter"
    child = small.child("Noor")
    one = small.caregiver(child, "samen@thuis.example")
    path = reverse("groups:guardianship", args=[open_row(one).uid])
    assert all(words not in page(directie, url) for url in (group_page(small.group), path))
    other = small.caregiver(small.child("Sem"), "samen@thuis.example")
    assert page(directie, group_page(small.group)).count(words) == 2
    assert words in page(directie, path)
    come_in(other)
    assert page(directie, group_page(small.group)).count(words) == 1


def test_the_filters_count_and_filter(directie, small):
    come_in(small.caregiver(small.child("Noor"), "karima@thuis.example"))
    small.caregiver(small.child("Sem"), level=Level.UNVERIFIED)
    small.caregiver(small.child("Tess"), level=Level.WITHOUT_AUTHORITY)
    counts = {}
    for option in directie.get(group_page(small.group)).context["options"]:
        shown = directie.get(option["url"]).context["families"]
        counts[option["url"].partition("=")[2]] = (option["count"], [family.child.first_name for family in shown])
    assert counts == {
        "": (3, ["Noor", "Sem", "Tess"]),
        "nakijken": (1, ["Sem"]),
        "niet-binnen": (2, ["Sem", "Tess"]),
        "zonder-gezag": (1, ["Tess"]),
    }


def test_of_a_large_group_the_numbers_are_of_everybody_and_the_page_shows_some(directie, small):
    """Also what a letter would do: who has no birthday in the list gets none."""
    adults = [small.caregiver(small.child(f"Kind {n:02}"), f"ouder{n}@thuis.example") for n in range(33)]
    come_in(adults[0])
    Child.objects.filter(first_name="Kind 32").update(birth_on=None)
    second = directie.get(group_page(small.group), {"toon": "niet-binnen", "pagina": 2}).context
    assert [family.child.first_name for family in second["families"]] == ["Kind 31", "Kind 32"]
    assert {option["label"]: option["count"] for option in second["options"]} == {"All": 33, "Not in yet": 32}
    assert second["letters"] == 31


@pytest.mark.parametrize("value", ["-1", "' OR 1=1--", "contact_ban", "\x00"])
def test_an_unknown_filter_is_all(directie, small, value):
    small.child("Noor")
    response = directie.get(group_page(small.group), {"toon": value})
    assert [family.child.first_name for family in response.context["families"]] == ["Noor"]


def test_a_banned_adults_name_is_on_its_own_page_only(directie, small):
    banned = small.caregiver(small.child("Yusuf"), level=Level.CONTACT_BAN, first_name="Rachid")
    body = page(directie, group_page(small.group))
    assert "Name shielded" in body
    assert "Rachid" not in body
    assert "Rachid" not in page(directie, f"{PEOPLE}?q=yusuf")
    assert "Nobody is called that" in page(directie, f"{PEOPLE}?q=rachid")
    assert "Rachid" in page(directie, reverse("groups:guardianship", args=[open_row(banned).uid]))


def test_without_the_list_of_the_new_year_nobody_sits_in_last_years_class(directie, small):
    """Each child led to a page that was not there, and so did the way back from a decision."""
    mother = small.caregiver(small.child("Noor"))
    row, page_of = open_row(mother), group_page(small.group)
    decision = reverse("groups:guardianship", args=[row.uid])
    for day, sits in ((END - timedelta(seconds=1), True), (END, False)):
        with time_machine.travel(day, tick=False):
            directie.force_login(User.objects.get(email="directie@school.example"))
            assert directie.get(page_of).status_code == (200 if sits else 404)
            assert (page_of in page(directie, decision)) is sits
            assert (page_of in page(directie, "/bureau/kinderen/")) is sits
            [family] = directie.get(PEOPLE, {"q": "noor"}).context["families"]
            assert bool(family.group) is sits


def test_search_finds_children_and_adults_of_the_own_school_only(directie, small):
    small.caregiver(small.child("Noor"), first_name="Karima")
    elsewhere = SmallSchool.make("99YY")
    elsewhere.caregiver(elsewhere.child("Noortje"), first_name="Karima")
    for words, found in [("noor", ["Noor"]), ("karima", ["Noor"]), ("noor karima", ["Noor"]), ("noor zzz", [])]:
        families = directie.get(PEOPLE, {"q": words}).context["families"]
        assert [family.child.first_name for family in families] == found


def test_the_page_repeats_what_was_sought(directie, small):
    body = page(directie, f"{PEOPLE}?q=<b>noor</b>")
    assert "Found with “&lt;b&gt;noor&lt;/b&gt;”" in body
    assert 'value="&lt;b&gt;noor&lt;/b&gt;"' in body


@pytest.mark.parametrize("words", ["%", "_", "'", "\\", "a" * 500, "*", "\x00x"])
def test_a_strange_search_is_no_accident(directie, small, words):
    small.child("Noor")
    assert directie.get(PEOPLE, {"q": words}).status_code == 200


def test_others_do_not_know_these_pages(small):
    caregiver = small.caregiver(small.child(), "karima@thuis.example")
    row = open_row(caregiver)
    people = [
        come_in(caregiver),
        come_in(small.staff("anna@school.example", group=small.group)),
        SmallSchool.make("99YY").directie("elders@school.example"),
        account("niemand@elders.example"),
    ]
    paths = [
        group_page(small.group),
        reverse("groups:guardianship", args=[row.uid]),
        decide_url(caregiver, "toelaten"),
        reverse("groups:print_one", args=[row.uid]),
        reverse("groups:print_group", args=[small.group.uid]),
    ]
    for user in people:
        client = visitor()
        client.force_login(user)
        for path in paths:
            assert client.get(path).status_code == 404
            if "gezag" in path or "brieven" in path:
                expected = 405 if path == paths[1] else 404
                assert client.post(path, form_key()).status_code == expected
    row.refresh_from_db()
    assert row.valid_until is None
    assert not Invitation.objects.filter(guardianship__child__school=small.school).exists()


@pytest.mark.parametrize(
    ("act", "level"),
    [
        ("toelaten", Level.WITH_AUTHORITY),
        ("meelezen", Level.ADMITTED_READER),
        ("weigeren", Level.WITHOUT_AUTHORITY),
        ("contactverbod", Level.CONTACT_BAN),
    ],
)
def test_an_act_has_a_page_that_says_what_follows(directie, small, act, level):
    waiting = small.caregiver(small.child(), level=Level.UNVERIFIED)
    url = decide_url(waiting, act)
    assert waiting.full_name in page(directie, url)
    assert open_row(waiting).level == Level.UNVERIFIED
    response = directie.post(url, {"evidence": "uittreksel gezien", **form_key()})
    new = open_row(waiting)
    assert response["Location"] == reverse("groups:guardianship", args=[new.uid])
    assert (new.level, new.evidence) == (level, "uittreksel gezien")
    assert "uittreksel gezien" in page(directie, response["Location"])


def test_ending_leaves_no_open_row(directie, small):
    caregiver = small.caregiver(small.child())
    response = directie.post(decide_url(caregiver, "beeindigen"), form_key())
    assert response.status_code == 302
    assert not caregiver.guardianships.filter(valid_until=None).exists()
    assert "groups:decide" not in page(directie, response["Location"])


def test_a_second_click_says_it_was_decided(directie, small):
    caregiver = small.caregiver(small.child(), level=Level.UNVERIFIED)
    url = decide_url(caregiver, "weigeren")
    directie.post(url, form_key())
    second = directie.post(url, form_key(), follow=True)
    assert "Somebody decided already" in second.content.decode()
    assert caregiver.guardianships.count() == 2
    now_holds = reverse("groups:guardianship", args=[open_row(caregiver).uid])
    assert directie.get(url, follow=True).redirect_chain == [(now_holds, 302)]


@pytest.mark.parametrize("act", ["weigeren", "meelezen", "beeindigen"])
def test_the_same_decision_sent_twice_was_saved(directie, small, act):
    """A click too many, or a page that did not come: the second answer says what the first would have said."""
    caregiver = small.caregiver(small.child(), level=Level.UNVERIFIED)
    url, sent = decide_url(caregiver, act), {"evidence": "uittreksel gezien", **form_key()}
    first, known = directie.post(url, sent, follow=True), AuditEvent.objects.count()
    second = directie.post(url, sent, follow=True)
    assert first.redirect_chain == second.redirect_chain
    for answer in (first, second):
        assert "Saved. It holds from this moment." in answer.content.decode()
    assert AuditEvent.objects.count() == known


def test_the_same_form_with_other_words_was_not_saved(directie, small):
    caregiver = small.caregiver(small.child(), level=Level.UNVERIFIED)
    url, sent = decide_url(caregiver, "weigeren"), form_key()
    directie.post(url, sent)
    other = directie.post(url, {**sent, "evidence": "uittreksel gezien"}, follow=True)
    assert "Somebody decided already" in other.content.decode()


def test_a_decision_sent_twice_was_not_saved_where_another_holds_by_now(directie, small):
    caregiver = small.caregiver(small.child(), level=Level.UNVERIFIED)
    url, sent = decide_url(caregiver, "meelezen"), form_key()
    directie.post(url, sent)
    directie.post(reverse("groups:decide", args=[open_row(caregiver).uid, "beeindigen"]), form_key())
    assert "Somebody decided already" in directie.post(url, sent, follow=True).content.decode()


def test_the_address_of_before_a_decision_leads_to_what_holds_now(directie, small):
    caregiver = small.caregiver(small.child(), level=Level.UNVERIFIED)
    before = reverse("groups:guardianship", args=[open_row(caregiver).uid])
    directie.post(decide_url(caregiver, "toelaten"), form_key())
    now_holds = reverse("groups:guardianship", args=[open_row(caregiver).uid])
    assert directie.get(before, follow=True).redirect_chain == [(now_holds, 302)]


@pytest.mark.parametrize("act", ["unverified", "TOELATEN", "verwijder"])
def test_an_unknown_act_is_not_there(directie, small, act):
    caregiver = small.caregiver(small.child())
    assert directie.post(decide_url(caregiver, act), form_key()).status_code == 404


def test_a_note_that_is_too_long_comes_back_whole(directie, small):
    caregiver = small.caregiver(small.child(), level=Level.UNVERIFIED)
    response = directie.post(decide_url(caregiver, "toelaten"), {"evidence": "x" * 501, **form_key()})
    assert response.status_code == 422
    assert "x" * 501 in response.content.decode()
    assert open_row(caregiver).level == Level.UNVERIFIED


def test_a_directie_with_a_child_here_cannot_decide_about_it(directie, small):
    child = small.child()
    own = small.caregiver(child, "directie@school.example")
    come_in(own)
    other = small.caregiver(child, "ex@thuis.example")
    asked = directie.get(decide_url(other, "contactverbod"), follow=True).content.decode()
    assert "your own family" in asked
    assert "ex@thuis.example" not in asked
    for act in ("contactverbod", "beeindigen"):
        assert directie.post(decide_url(other, act), form_key()).status_code == 403
    assert directie.post(reverse("groups:print_one", args=[open_row(other).uid]), form_key()).status_code == 403
    assert open_row(other).level == Level.WITH_AUTHORITY


@pytest.mark.parametrize("uid", ["1", "00000000-0000-0000-0000-000000000000", "{uid}", "..%2f", "x.css"])
@pytest.mark.parametrize("path", ["gezag/{}/", "gezag/{}/toelaten/", "gezag/{}/brief/", "{}/", "{}/brieven/"])
def test_an_id_of_nothing_is_not_there(directie, small, path, uid):
    other_kind = str(small.child().uid)
    for value in (uid, other_kind):
        assert directie.get(PEOPLE + path.format(value)).status_code == 404
        assert directie.post(PEOPLE + path.format(value), form_key()).status_code in {404, 405}


def test_reading_pages_take_no_posts(directie, small):
    row = open_row(small.caregiver(small.child()))
    for path in (PEOPLE, group_page(small.group), reverse("groups:guardianship", args=[row.uid]), "/hulp/"):
        assert directie.post(path).status_code == 405
        assert directie.head(path).status_code == 200


def test_a_letter_is_made_by_post_and_shows_its_code_once(directie, small):
    caregiver = small.caregiver(small.child(), first_name="Said")
    url = reverse("groups:print_one", args=[open_row(caregiver).uid])
    assert "Said" in page(directie, url)
    assert not Invitation.objects.filter(guardianship__caregiver=caregiver).exists()
    response = directie.post(url, form_key())
    body = response.content.decode()
    code = re.search(r'class="big only-paper">([A-Z2-9]{4}-[A-Z2-9]{4})<', body)[1]
    assert "Said" in body
    assert code not in page(directie, url)
    assert code not in page(directie, group_page(small.group))
    assert "has a letter" in page(directie, group_page(small.group))
    assert AuditEvent.objects.filter(verb="letter.printed", subject_uid=open_row(caregiver).uid).count() == 1


def test_who_cannot_get_a_letter_yet_reads_why_before_it_is_asked_for(directie, small):
    """It offered to make the letter, and refused it at the press."""
    caregiver = small.caregiver(small.child())
    Child.objects.update(birth_on=None)
    url = reverse("groups:print_one", args=[open_row(caregiver).uid])
    body = page(directie, url)
    assert ("1 letter cannot be made yet" in body, "Make 1 letter" in body) == (True, False)
    assert f"{reverse('groups:roster')}?school={small.school.uid}" in body
    assert "does not say when this child was born" in directie.post(url, form_key(), follow=True).content.decode()


def test_a_second_click_on_making_letters_makes_no_second_code(directie, small):
    caregiver = small.caregiver(small.child())
    url, key = reverse("groups:print_one", args=[open_row(caregiver).uid]), form_key()
    directie.post(url, key)
    again = directie.post(url, key, follow=True)
    assert "were made already" in again.content.decode()
    assert Invitation.objects.filter(guardianship__caregiver=caregiver).count() == 1


def test_letters_for_a_group_go_to_whoever_is_admitted_and_not_in(directie, small):
    come_in(small.caregiver(small.child("Noor"), "karima@thuis.example"))
    small.caregiver(small.child("Sem"), first_name="Wouter")
    small.caregiver(small.child("Tess"), level=Level.UNVERIFIED, first_name="Ruud")
    response = directie.post(reverse("groups:print_group", args=[small.group.uid]), form_key())
    assert [letter.guardianship.caregiver.first_name for letter in response.context["letters"]] == ["Wouter"]


def test_of_a_child_without_a_birthday_the_page_of_letters_says_what_it_waits_for(directie, small):
    """Nobody reads there that everybody is in, who can have no letter yet, or whom nobody let in."""
    child = small.child("Sem")
    father = small.caregiver(child, "wouter@thuis.example", first_name="Wouter")
    waiting = small.caregiver(small.child("Tess"), level=Level.UNVERIFIED, first_name="Ruud")
    Child.objects.filter(pk=child.pk).update(birth_on=None)
    of_group, chosen = reverse("groups:print_group", args=[small.group.uid]), reverse("groups:print_chosen")
    for url, count in [(of_group, 1), (f"{of_group}?zonder-mail", 0), (f"{chosen}?wie={father.uid}", 1)]:
        body = page(directie, url)
        assert "There is no letter to make" in body
        assert ("1 letter cannot be made yet" in body, reverse("groups:roster") in body) == (bool(count),) * 2
    assert "Everybody is in" not in page(directie, f"{chosen}?wie={waiting.uid}")


def test_a_teacher_sees_names_and_who_is_in_and_nothing_else(small):
    come_in(small.caregiver(small.child("Noor"), "karima@thuis.example", first_name="Karima"))
    small.caregiver(small.child("Sem"), "wouter@thuis.example", level=Level.CONTACT_BAN, first_name="Wouter")
    teacher = visitor()
    teacher.force_login(come_in(small.staff("anna@school.example", group=small.group)))
    body = page(teacher, reverse("groups:group_families", args=[small.group.uid]))
    assert "Noor" in body
    assert "1 of 2 families are in" in body
    for secret in ("Karima", "Wouter", "@thuis.example", "authority", "contact ban"):
        assert secret not in body


def test_a_group_leads_its_teacher_to_its_families(small):
    small.caregiver(small.child("Noor"), "karima@thuis.example")
    teacher, families = visitor(), reverse("groups:group_families", args=[small.group.uid])
    teacher.force_login(come_in(small.staff("anna@school.example", group=small.group)))
    assert f'href="{families}"' in page(teacher, reverse("messaging:group", args=[Hat.STAFF, small.group.uid]))
    assert teacher.get(families).status_code == 200


def test_a_teacher_sees_the_own_group_only(small):
    other = small.add_group("g5")
    teacher = visitor()
    teacher.force_login(come_in(small.staff("anna@school.example", group=small.group)))
    assert teacher.get(reverse("groups:group_families", args=[other.uid])).status_code == 404
    mother = visitor()
    mother.force_login(come_in(small.caregiver(small.child(), "karima@thuis.example")))
    assert mother.get(reverse("groups:group_families", args=[small.group.uid])).status_code == 404


def test_the_staff_page_says_who_is_in(directie, small):
    small.staff("wil@school.example")
    assert "1 of 2 are in" in page(directie, "/school/mensen/medewerkers/")


@pytest.mark.parametrize("path", ["people", "people_of_group", "staff", "group_families", "found", "print_group"])
def test_thirty_children_cost_as_much_as_one(directie, small, django_assert_max_num_queries, path):
    paths = {
        "people": PEOPLE,
        "people_of_group": group_page(small.group),
        "staff": "/school/mensen/medewerkers/",
        "group_families": reverse("groups:group_families", args=[small.group.uid]),
        "found": f"{PEOPLE}?q=bouzid",
        "print_group": reverse("groups:print_group", args=[small.group.uid]),
    }
    page(directie, paths[path])  # statements are composed once a process
    counts = []
    for more in (1, 29):
        for number in range(more):
            child = small.child(f"Kind{number}")
            small.caregiver(child, level=Level.UNVERIFIED)
            small.caregiver(child, f"ouder{more}-{number}@thuis.example")
            small.staff(f"staf{more}-{number}@school.example")
        with django_assert_max_num_queries(40) as captured:
            assert directie.get(paths[path]).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 16


def test_two_parents_never_meet_each_others_address(small):
    child = small.child()
    mother = come_in(small.caregiver(child, "karima@thuis.example"))
    come_in(small.caregiver(child, "said-elders@thuis.example"))
    client = visitor()
    client.force_login(mother)
    for path in ("/instellingen/", "/hulp/", "/thuis/berichten/", "/instellingen/e-mail/", "/brief/"):
        assert "said-elders" not in page(client, path)


@pytest.mark.parametrize("path", ["people_of_group", "staff", "group_families"])
def test_a_long_list_comes_in_pages_on_which_everybody_stands_once(directie, small, path):
    addresses = {
        "people_of_group": group_page(small.group),
        "staff": "/school/mensen/medewerkers/",
        "group_families": reverse("groups:group_families", args=[small.group.uid]),
    }
    for number in range(61):
        if path == "staff":
            small.staff(f"staf{number}@school.example")
        else:
            child = small.child(f"Kind{number}")
            small.caregiver(child, f"ouder{number}-a@thuis.example")
            small.caregiver(child, f"ouder{number}-b@thuis.example")
    found, total = [], 61 + (path == "staff")
    for number in (1, 2, 3):
        response = directie.get(addresses[path], {"pagina": number})
        assert len(response.content) <= 60_000
        assert f"Page {number} of 3" in response.content.decode()
        found += [row.child.pk if path != "staff" else row.pk for row in listed(response, path)]
    assert (len(found), len(set(found))) == (total, total)


def listed(response, path):
    return [person for person, _ in response.context["page"]] if path == "staff" else response.context["families"]
