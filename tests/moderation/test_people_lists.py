"""The people of a school in a list: by family and surname, everybody once, and first who waits for a decision."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from groups.models import Caregiver, Child, Guardianship, Level, StaffMember
from groups.people.services.families import waiting_for
from moderation.desk.services.desk import caregivers_at, children_at
from portal.core.actor import Actor
from portal.core.models import OutboxItem, OutboxState
from tests import rows
from tests.cast import Cast
from tests.moderation.reporting import visit

URL = "/bureau/verzorgers/"


@pytest.fixture(autouse=True)
def _one_step(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


def lines(cast: Cast, ask: str = "") -> dict[str, Any]:
    """By the name that stands first."""
    return {line.lead: line for line in visit(cast, "directie").get(URL + ask).context["lines"]}


def ban(cast: Cast, name: str, child: str) -> None:
    """A contact ban on somebody who also belongs to another child."""
    rows = Guardianship.objects.filter(caregiver=cast.caregiver(name), child=cast.child(child))
    rows.update(level=Level.CONTACT_BAN)


def test_everybody_stands_there_once_with_all_their_children(cast: Cast) -> None:
    found = lines(cast)
    assert len(found) == visit(cast, "directie").get(URL).context["total"] == caregivers(cast).count()
    two = found["Adres, Parent_Of_Two"]
    assert two.who == "verzorger · groep 4, 5"
    assert [part.words for part in two.parts] == [
        "Finn van den Berg: with authority",
        "Lot van den Berg: with authority",
    ]
    page = visit(cast, "directie").get(two.url).content.decode()
    for child in ("Finn", "Lot"):
        assert reverse("groups:guardianship", args=[cast.guardianship("parent_of_two", child).uid]) in page


def caregivers(cast: Cast) -> Any:
    return caregivers_at(Actor(cast.directie, "any", timezone.now()))


def test_a_family_stands_together_and_who_reads_along_with_it(cast: Cast) -> None:
    found = lines(cast)
    noor = [name for name, line in found.items() if line.family == "Family of Noor van den Berg"]
    assert noor == ["Adres, Admitted_Reader", "Adres, Father", "Adres, Mother"]
    assert found["Adres, Parent_Of_Two"].family == "Family of Finn and Lot van den Berg"
    order = [line.family for line in found.values()]
    assert [name for at, name in enumerate(order) if order[at - 1] != name or not at] == list(dict.fromkeys(order))


@pytest.mark.parametrize(("days", "stands"), [(30, True), (-1, False)], ids=["leaves later", "left"])
def test_a_child_of_whom_it_is_known_that_it_leaves_is_at_school_until_then(
    cast: Cast, days: int, stands: bool
) -> None:
    """Once next year's roster was in, nobody of the oldest group stood in a list, and who waited there was not seen."""
    waiting = Guardianship.objects.get(level=Level.UNVERIFIED, caregiver__email="waiting@cast.example")
    leaves = timezone.now() + timedelta(days=days)
    Child.objects.filter(pk__in=[cast.child("Noor").pk, waiting.child_id]).update(left_at=leaves)
    directie = Actor(cast.directie, "any", timezone.now())
    assert ("Adres, Mother" in lines(cast)) is stands
    assert children_at(directie).filter(first_name="Noor").exists() is stands
    assert (waiting in waiting_for(directie)) is stands


def test_by_the_surname_of_the_child(cast: Cast) -> None:
    found = list(lines(cast).values())
    assert found[-1].family == "Family of Zwaantje van den Kwikstaart"
    Caregiver.objects.filter(pk=cast.caregiver("mother").pk).update(last_name="Aarts")
    noor = [line.lead for line in lines(cast).values() if line.family == "Family of Noor van den Berg"]
    assert noor == ["Aarts, Mother", "Adres, Admitted_Reader", "Adres, Father"]


def test_a_level_finds_who_has_it_over_one_of_the_children(cast: Cast) -> None:
    row = cast.guardianship("parent_of_two", "Lot")
    Guardianship.objects.filter(pk=row.pk).update(level=Level.DAILY_CARER)
    name = "Adres, Parent_Of_Two"
    assert name in lines(cast, "?gezag=with_authority")
    assert list(lines(cast, "?gezag=daily_carer")) == [name]
    assert lines(cast, "?gezag=contact_ban") == {}
    assert "Goudvink, Zonder" in lines(cast, "?binnen=False")
    assert name not in lines(cast, "?binnen=False")


def test_who_may_not_meet_a_child_is_not_found_by_its_name(cast: Cast) -> None:
    name = "Adres, Parent_Of_Two"
    assert name in lines(cast, "?q=Lot")
    ban(cast, "parent_of_two", "Lot")
    assert "Adres, Parent_Of_Two" not in lines(cast, "?q=Lot")
    [line] = lines(cast, "?q=Finn").values()
    assert (line.lead, [part.words for part in line.parts]) == (name, ["Finn van den Berg: with authority"])
    assert line.family == "Family of Finn van den Berg"
    assert "Lot" not in visit(cast, "directie").get(line.url).content.decode().split("<main")[1]


def test_who_waits_stands_first_and_is_decided_about_from_there(cast: Cast) -> None:
    row = cast.guardianship("waiting", "Zwaantje")
    answer = visit(cast, "directie").get(URL)
    assert [line.title for line in answer.context["waiting"]] == ["Goudvink, Waiting"]
    assert answer.context["waiting"][0].url == reverse("groups:guardianship", args=[row.uid])
    assert answer.context["waiting"][0].who == "caregiver of Zwaantje van den Kwikstaart, groep 5"
    assert "1 waits for you" in answer.content.decode()
    assert visit(cast, "directie").get(URL + "?q=Noor").context["waiting"] == []


def test_about_the_own_family_somebody_else_decides(cast: Cast) -> None:
    Caregiver.objects.filter(pk=cast.caregiver("waiting").pk).update(user=cast.directie, joined_at=timezone.now())
    assert visit(cast, "directie").get(URL).context["waiting"] == []


def test_children_by_surname(cast: Cast) -> None:
    rows = [line.lead for line in visit(cast, "directie").get("/bureau/kinderen/").context["lines"]]
    assert rows == sorted(rows)
    assert all(", " in name for name in rows), rows


@pytest.mark.parametrize("words", ["van den Berg", "Finn van den Berg", "finn berg", "Berg, Finn van den"])
def test_a_name_is_found_as_it_stands_on_the_page(cast: Cast, words: str) -> None:
    """A list says "Berg, Finn van den", a page "Finn van den Berg": each finds the child and its parent."""
    client = visit(cast, "directie")
    Caregiver.objects.filter(pk=cast.caregiver("parent_of_two").pk).update(prefix="van den", last_name="Berg")
    StaffMember.objects.filter(user=cast.teacher).update(first_name="Finn", prefix="van den", last_name="Berg")
    asked = {"q": words}
    finn = cast.child("Finn")
    assert finn.sort_name in [line.lead for line in client.get("/bureau/kinderen/", asked).context["lines"]]
    assert "Berg, Parent_Of_Two van den" in lines(cast, f"?{urlencode(asked)}")
    assert finn in [family.child for family in client.get("/school/mensen/", asked).context["families"]]
    assert finn in [family.child for family in client.get(reverse("consent:paper"), asked).context["families"]]
    assert cast.teacher in client.get(reverse("consent:paper"), asked).context["adults"]
    found = client.get(reverse("groups:staff"), asked).context["page"]
    assert cast.teacher.staff_records.get() in [one for one, _way in found]
    council = client.get("/school/mensen/raad/", asked).context["found"]
    assert cast.teacher.staff_records.get() in council


def test_the_staff_is_one_list_that_the_desk_leads_to(cast: Cast) -> None:
    """Found there by name, function or school; taken along as a file as it is found; and each with what happened."""
    client, url = visit(cast, "directie"), reverse("groups:staff")
    assert f'href="{url}"' in client.get("/bureau/").content.decode()
    everybody = [one for one, _way in client.get(url).context["page"]]
    names = [one.sort_name for one in everybody if one.joined_at]
    assert names == sorted(names)
    known_by_one_name = [name for name in names if ", " not in name]
    assert known_by_one_name == ["case_officer", "ict"], names
    teacher = cast.teacher.staff_records.get()
    namesakes = [one for one in everybody if teacher.last_name in one.last_name and teacher.function in one.function]
    assert 0 < len(namesakes) < len(everybody)
    found = client.get(url, {"q": f"{teacher.function} {teacher.last_name}".lower()})
    assert [one for one, _way in found.context["page"]] == namesakes
    assert f"{found.context['reached']} of {len(everybody)}" in found.content.decode()
    assert "Nobody found" in client.get(url, {"q": "niemand heet zo"}).content.decode()
    taken = client.post("/bureau/medewerkers/lijst/", {"ask": f"q={teacher.last_name}"})
    head, *names = taken.content.decode("utf-8-sig").splitlines()
    assert head == "Name;Known as;Function;In or not"
    assert 0 < len(names) < len(everybody)
    assert all(teacher.last_name in name for name in names)
    person = reverse("groups:staff_member", args=[teacher.uid])
    happened = reverse("desk:medewerkers_one", args=[teacher.uid])
    assert f'href="{happened}"' in client.get(person).content.decode()
    assert f'href="{person}"' in client.get(happened).content.decode()


def test_who_runs_the_machine_takes_no_list_of_the_staff_along(cast: Cast) -> None:
    page = visit(cast, "ict").get(reverse("groups:staff")).content.decode()
    assert cast.teacher.staff_records.get().last_name in page
    assert "/bureau/medewerkers/" not in page


@pytest.mark.parametrize("slug", ["berichten", "reacties", "zaken"])
def test_a_list_of_which_nothing_began_asks_for_no_other_choice(cast: Cast, slug: str) -> None:
    """Where something is sought, the way back to everything stands under it."""
    client = visit(cast, "directie")
    page = client.get(f"/bureau/{slug}/").content.decode()
    assert "Nothing yet" in page
    assert 'role="search"' not in page
    if slug != "zaken":
        sought = client.get(f"/bureau/{slug}/?q=niets").content.decode()
        assert "Show everything" in sought
        assert 'role="search"' in sought


def test_letters_are_made_for_who_is_ticked_and_is_not_in(cast: Cast) -> None:
    """Who is in already, the own family and adults of another school get none, whatever is in the address."""
    rows.caregiver(cast.linde, "Papier", cast.child("Noor"))
    Child.objects.filter(first_name="Noor").update(birth_on=date(2018, 5, 4))
    paper, mother = Caregiver.objects.get(first_name="Papier"), cast.caregiver("mother")
    elsewhere = rows.caregiver(cast.berk, "Elders", Child.objects.filter(school=cast.berk).first())
    client, url = visit(cast, "directie"), "/bureau/verzorgers/brieven/"
    page = client.get("/bureau/verzorgers/").content.decode()
    assert f'name="chosen" value="{paper.pk}"' in page
    answer = client.post(url, {"chosen": [paper.pk, mother.pk, elsewhere.pk, "x", 10**40, "²"]})
    assert answer.status_code == 302
    assert str(elsewhere.uid) not in answer.url
    asked = client.get(f"{answer.url}&wie={elsewhere.uid}")
    assert [row.caregiver for row in asked.context["rows"]] == [paper]
    made = client.post(answer.url, {"key": asked.context["form"]["key"].value()})
    assert [one.guardianship.caregiver for one in made.context["letters"]] == [paper]
    assert client.get(f"{reverse('groups:print_chosen')}?wie=x").status_code == 404
    assert client.post(url, {}).url == "/bureau/verzorgers/"


def test_more_letters_than_one_page_holds_are_refused_in_words(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moderation.desk.views.people.MOST_LETTERS", 1)
    answer = visit(cast, "directie").post("/bureau/verzorgers/brieven/", {"everything": "1"}, follow=True)
    assert "te veel" in answer.content.decode() or "too much" in answer.content.decode()


def refuse(address: str = "", recipient: Any = None, **more: Any) -> OutboxItem:
    now = timezone.now()
    facts = {"state": OutboxState.FAILED, "settled_at": now - timedelta(days=2), "kind": "told", **more}
    about = {"subject_kind": "telling", "subject_uid": uuid4(), "dedupe_key": str(uuid4()), "due_at": now}
    return OutboxItem.objects.create(address=address, recipient=recipient, **about, **facts)


def test_whose_mail_was_refused_is_found_on_the_desk_and_said_on_the_own_page(cast: Cast) -> None:
    """The directie knew that mail was refused, and not whose: she could phone nobody."""
    of_school = {"school_uid": cast.linde.uid}
    Caregiver.objects.filter(pk=cast.caregiver("mother").pk).update(phone="0612345678")
    refuse(recipient=cast.mother, **of_school)
    refuse(recipient=cast.teacher, **of_school)
    refuse(recipient=cast.father, school_uid=cast.berk.uid)
    page = reverse("groups:guardianship", args=[cast.guardianship("mother", "Noor").uid])
    said, directie = "E-mail of school has not arrived since", visit(cast, "directie")
    directie.cookies["django_language"] = "en"
    assert list(lines(cast, "?mail=True")) == ["Adres, Mother"]
    shown = directie.get(page).content.decode()
    assert (said in shown, "tel:0612345678" in shown) == (True, True)
    father = directie.get(reverse("groups:guardianship", args=[cast.guardianship("father", "Noor").uid]))
    assert said not in father.content.decode()
    staff = cast.teacher.staff_records.get()
    assert said in directie.get(reverse("groups:staff_member", args=[staff.uid])).content.decode()
    assert "e-mail does not arrive" in directie.get(reverse("groups:staff")).content.decode()
    for front in (directie.get(reverse("desk:index")), directie.get(reverse("groups:people"))):
        assert f'href="{URL}?mail=True"' in front.content.decode()
        assert "Staff whom e-mail does not reach" in front.content.decode()
    assert f"{URL}?mail=True" not in visit(cast, "ict").get(reverse("desk:index")).content.decode()
    assert visit(cast, "directie_elsewhere").get(page).status_code == 404
    refuse(recipient=cast.mother, state=OutboxState.ACCEPTED, settled_at=timezone.now())
    assert said not in directie.get(page).content.decode()
    assert list(lines(cast, "?mail=True")) == []


def test_of_who_is_not_in_the_address_in_the_roster_is_meant(cast: Cast) -> None:
    record = cast.caregiver("future_parent")
    Caregiver.objects.filter(pk=record.pk).update(user=None, joined_at=None, email="typfout@example.nl")
    refuse("typfout@example.nl", school_uid=cast.linde.uid, kind="parent_welcome")
    assert Caregiver.objects.unreached(now=timezone.now()).get() == record
    Caregiver.objects.filter(pk=record.pk).update(email="goed@example.nl")
    assert not Caregiver.objects.unreached(now=timezone.now()).exists()


def test_of_a_contact_ban_nobody_is_asked_why_mail_does_not_arrive(cast: Cast) -> None:
    refuse(recipient=cast.mother, school_uid=cast.linde.uid)
    assert Caregiver.objects.unreached(now=timezone.now()).get() == cast.caregiver("mother")
    Guardianship.objects.filter(caregiver=cast.caregiver("mother")).update(level="contact_ban")
    assert not Caregiver.objects.unreached(now=timezone.now()).exists()


def test_of_the_own_family_nobody_reads_at_work_whom_mail_reaches(cast: Cast) -> None:
    Caregiver.objects.filter(pk=cast.caregiver("father").pk).update(user=cast.directie)
    refuse(recipient=cast.mother, school_uid=cast.linde.uid)
    assert list(lines(cast, "?mail=True")) == []
    assert f"{URL}?mail=True" not in visit(cast, "directie").get(reverse("desk:index")).content.decode()
