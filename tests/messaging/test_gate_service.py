"""The gate: what is asked about photos, what is let through, and what is kept of it."""

from uuid import uuid4

import pytest

from consent.asking.domain.purposes import IMAGES, Says
from consent.models import Clearance, Purpose, Reluctance
from groups.models import Child, Enrolment
from groups.roles import Hat
from messaging.models import Depiction, Image, ImageDeclaration, Marking, Placement
from messaging.photos.domain import Picture
from messaging.photos.services.gate import GateClosedError, NotDeclaredError, gate_of, people_like, people_to_spare
from messaging.photos.services.placements import PictureGoneError, pictures_of
from messaging.posts.services.posts import edit_post, publish_post
from portal.core import access
from portal.core.actor import Actor
from tests.messaging.conftest import LONG_AGO, NOW, later
from tests.messaging.consent import answer, answer_own, begin, everybody_agrees
from tests.messaging.drafts import hand_in
from tests.messaging.photo_files import uploads
from tests.messaging.talk import start


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.KRING_DATA_DIR = tmp_path


@pytest.fixture
def photo(town):
    def taken(by="Anna", hat=Hat.STAFF):
        return uploads(1, by=town.user[by], school=town.school, now=NOW, hat=hat)[0]

    return taken


def spared(town, *groups, now=NOW):
    return [person.name for person in people_to_spare([town.group[key] for key in groups], now=now)]


def marked(image, *people):
    """The photo with these people pointed at: children, or users."""
    return Picture(image.uid, marks=frozenset(person.uid for person in people))


def on(image):
    rows = Depiction.objects.filter(image=image, is_on=True).values_list("child__first_name", "adult__name")
    return sorted(child or adult for child, adult in rows)


def marking(image):
    return Image.objects.get(pk=image.pk).marking


def change(town, post, *pictures, **more):
    fields = {name: getattr(post, name) for name in ("topic", "title", "text", "replies", "version")}
    said = {"by": Actor(town.user["Anna"], Hat.STAFF, later(minutes=5)), **more}
    return edit_post(post=post, pictures=pictures, **{**fields, **said})


def test_a_school_that_has_not_begun_declares_as_it_did(town, photo, place):
    image = photo()
    assert spared(town, "g4", "@school") == []
    with pytest.raises(NotDeclaredError):
        place(pictures=[Picture(image.uid)])
    place(pictures=[Picture(image.uid)], declared=True)
    assert (marking(image), ImageDeclaration.objects.get().wording) == (Marking.DECLARED, "2026-11")


@pytest.mark.parametrize("names", [("Noor",), ()])
def test_nor_is_anybody_pointed_at_there(town, photo, place, names):
    """A name that was sent all the same was a page that broke; and "nobody" was kept as looked at."""
    image = photo()
    pointing = marked(image, *Child.objects.filter(first_name__in=names))
    with pytest.raises(NotDeclaredError):
        place(pictures=[pointing])
    post = place(pictures=[pointing], declared=True)
    change(town, post, pointing)
    assert (marking(image), on(image)) == (Marking.DECLARED, [])


def test_silence_is_no_consent(town):
    begin(town)
    assert spared(town, "g4") == ["Fenna", "Mees", "Noor", "Pim"]
    assert spared(town, "g4", "g7") == ["Fenna", "Ilyas", "Mees", "Noor", "Pim"]


def test_staff_of_the_group_are_spared_too(town, agreed):
    assert spared(town, "g4") == []
    answer_own(town, "Anna", says=Says.NO)
    answer_own(town, "Joost", says=Says.NO)
    assert (spared(town, "g4"), spared(town, "g7"), spared(town, "@school")) == (
        ["juf Anna"],
        ["meester Joost"],
        ["juf Anna", "meester Joost"],
    )


def test_a_retired_purpose_is_no_way_back(town, photo, place, agreed):
    Purpose.objects.filter(key=IMAGES).update(retired_at=NOW)
    access.reproject(only=Clearance)
    assert spared(town, "g4") == ["Fenna", "Mees", "Noor", "Pim", "juf Anna"]
    with pytest.raises(GateClosedError):
        place(pictures=[Picture(photo().uid)], declared=True)


@pytest.mark.parametrize("count", [1, 25])
def test_asking_costs_the_same_for_one_child_and_for_a_class(town, photo, django_assert_num_queries, count):
    begin(town)
    told = {"by": Actor(town.user["Anna"], Hat.STAFF, NOW), "photos": [photo().uid]}
    for number in range(count):
        town.add_child(f"Kind {number}", "g4", "@school")
    groups = [town.group["g4"], town.group["g7"]]
    with django_assert_num_queries(2):
        people_to_spare(groups, now=NOW)
    with django_assert_num_queries(5):
        gate_of(groups, **told, sought="No")


def test_who_left_the_group_is_not_asked_about_and_who_comes_later_is_not_yet(town):
    everybody_agrees(town, but=("Noor",))
    Enrolment.objects.filter(child=town.child["Noor"], group=town.group["g4"]).update(valid_until=later(hours=1))
    assert spared(town, "g4") == ["Noor"]
    assert spared(town, "g4", now=later(hours=1)) == []


def test_everybody_may_be_shown_and_one_line_is_enough(town, photo, place, agreed):
    image = photo()
    with pytest.raises(NotDeclaredError):
        place(pictures=[Picture(image.uid)])
    post = place(pictures=[Picture(image.uid)], declared=True)
    said = ImageDeclaration.objects.get(post=post)
    assert (marking(image), on(image), said.wording) == (Marking.DECLARED, [], "2026-11-groups")


def test_somebody_to_spare_and_every_photo_says_who_is_on_it(town, photo, place):
    everybody_agrees(town, but=("Noor",))
    first, second, third = photo(), photo(), photo()
    pictures = [marked(first), Picture(second.uid), marked(third, town.child["Mees"], town.user["Anna"])]
    with pytest.raises(GateClosedError) as closed:
        place(pictures=pictures, declared=True)
    assert (closed.value.unmarked, closed.value.barred, Placement.objects.count()) == ([2], {}, 0)
    assert (Depiction.objects.count(), marking(first)) == (0, Marking.NONE)
    post = place(pictures=[pictures[0], marked(second), pictures[2]])
    assert [marking(image) for image in (first, second, third)] == [Marking.COMPLETE] * 3
    assert (on(first), on(second), on(third)) == ([], [], ["Anna", "Mees"])
    assert ImageDeclaration.objects.get(post=post).wording == "2026-11-marked"


def test_who_may_not_be_shown_is_not_placed(town, photo, place):
    everybody_agrees(town, but=("Noor",))
    first, second = photo(), photo()
    pictures = [marked(first, town.child["Mees"]), marked(second, town.child["Noor"], town.child["Mees"])]
    with pytest.raises(GateClosedError) as closed:
        place(pictures=pictures, declared=True)
    assert (closed.value.unmarked, closed.value.barred) == ([], {2: ["Noor"]})
    assert (Placement.objects.count(), Depiction.objects.count()) == (0, 0)


def test_a_child_that_rather_not_is_spared_like_a_no(town, photo, place, agreed):
    Reluctance.objects.create(
        school=town.school, child=town.child["Noor"], recorded_by=town.user["Anna"], recorded_at=NOW
    )
    access.reproject(only=Clearance)
    with pytest.raises(GateClosedError) as closed:
        place(pictures=[marked(photo(), town.child["Noor"])])
    assert closed.value.barred == {1: ["Noor"]}


def test_somebody_of_another_group_passes_the_gate_too(town, photo, place):
    """Nobody of groep 4 is to be spared; Ilyas of groep 7 walked through the picture."""
    everybody_agrees(town, but=("Ilyas",))
    image, other = photo(), photo()
    with pytest.raises(GateClosedError) as closed:
        place(pictures=[marked(image, town.child["Ilyas"]), Picture(other.uid)], declared=True)
    assert closed.value.barred == {1: ["Ilyas"]}
    answer(town, "Ilyas")
    place(pictures=[marked(image, town.child["Ilyas"]), Picture(other.uid)], declared=True)
    assert (marking(image), on(image), marking(other)) == (Marking.COMPLETE, ["Ilyas"], Marking.DECLARED)


@pytest.mark.parametrize("whose", ["nobody's", "another school's"])
def test_a_foreign_person_in_a_mark_is_a_missing_one(town, photo, place, whose, agreed):
    uid = uuid4() if whose == "nobody's" else Child.objects.get(first_name="Zofia").uid
    image = photo()
    with pytest.raises(GateClosedError) as closed:
        place(pictures=[Picture(image.uid, marks=frozenset({uid}))], declared=True)
    assert (closed.value.unmarked, closed.value.barred) == ([1], {})
    assert (Depiction.objects.count(), Placement.objects.count(), marking(image)) == (0, 0, Marking.NONE)


def test_several_groups_are_asked_about_together(town, photo, place):
    everybody_agrees(town, but=("Ilyas",))
    mine = photo("Petra")
    with pytest.raises(GateClosedError) as closed:
        place("Petra", "g4", "g7", pictures=[Picture(mine.uid)], declared=True)
    assert closed.value.unmarked == [1]
    place("Petra", "g4", pictures=[Picture(mine.uid)], declared=True)


def test_the_rule_of_the_moment_decides(town, photo, place, agreed):
    """A yes of tomorrow is none today; a no counts from its own moment."""
    answer(town, "Noor", Says.NO, by="Said", now=NOW)
    with pytest.raises(GateClosedError):
        place(pictures=[Picture(photo().uid)], declared=True)


def test_editing_asks_about_what_is_new(town, photo, place, agreed):
    old, new = photo(), photo()
    post = place(pictures=[Picture(old.uid)], declared=True)
    answer(town, "Noor", Says.NO, by="Said")
    with pytest.raises(GateClosedError) as closed:
        change(town, post, Picture(old.uid), Picture(new.uid), declared=True)
    assert closed.value.unmarked == [2]
    with pytest.raises(GateClosedError) as closed:
        change(town, post, Picture(old.uid), marked(new, town.child["Noor"]))
    assert closed.value.barred == {2: ["Noor"]}
    change(town, post, Picture(old.uid), marked(new, town.child["Mees"]))
    assert (marking(old), marking(new), on(new)) == (Marking.DECLARED, Marking.COMPLETE, ["Mees"])


def test_editing_says_something_else_about_who_is_on_it(town, photo, place):
    everybody_agrees(town, but=("Noor",))
    image = photo()
    post = place(pictures=[marked(image, town.child["Mees"], town.child["Fenna"])])
    with pytest.raises(GateClosedError):
        change(town, post, marked(image, town.child["Mees"], town.child["Noor"]))
    [edited] = change(town, post, marked(image, town.child["Mees"], town.user["Anna"]))
    assert (on(image), edited.version) == (["Anna", "Mees"], 2)
    gone = Depiction.objects.get(image=image, is_on=False)
    assert (gone.child, gone.said_by, gone.said_at) == (town.child["Fenna"], town.user["Anna"], later(minutes=5))
    [again] = change(town, edited, *pictures_of(post))
    assert again.version == 2


def test_words_can_be_changed_while_a_photo_waits(town, photo, place):
    """What stands there is governed when it is read: a no of today is no reason to refuse a correction."""
    everybody_agrees(town, but=("Fenna",))
    image = photo()
    post = place(pictures=[marked(image, town.child["Noor"])])
    answer(town, "Noor", Says.NO, by="Said")
    [edited] = change(town, post, *pictures_of(post), title="Anders")
    assert (edited.title, on(image)) == ("Anders", ["Noor"])
    [edited] = change(town, edited, Picture(image.uid, "Een blad."))
    assert pictures_of(post) == [Picture(image.uid, "Een blad.", frozenset({town.child["Noor"].uid}))]


def test_editing_together_asks_about_all_the_groups(town, photo, place):
    everybody_agrees(town, but=("Ilyas",))
    post = place("Petra", "g4", "g7")
    mine, petra = photo("Petra"), Actor(town.user["Petra"], Hat.STAFF, later(minutes=5))
    with pytest.raises(GateClosedError):
        change(town, post, Picture(mine.uid), declared=True, by=petra, together=True)
    change(town, post, Picture(mine.uid), declared=True, by=petra, together=False)
    assert Placement.objects.count() == 1


def test_a_photo_in_a_conversation_shows_its_child_or_nobody(town, photo):
    [image] = uploads(1, by=town.user["Karima"], school=town.school, now=NOW, hat=Hat.FAMILY)
    with pytest.raises(NotDeclaredError):
        start(town, pictures=[Picture(image.uid)], declared=False)
    assert Placement.objects.count() == 0
    start(town, pictures=[Picture(image.uid)])
    assert (marking(image), on(image)) == (Marking.COMPLETE, ["Noor"])


def test_a_refused_photo_in_a_conversation_is_gone_before_it_is_undeclared(town):
    with pytest.raises(PictureGoneError):
        start(town, pictures=[Picture(uuid4())], declared=False)


def test_who_writes_in_the_council_points_at_nobody(town, photo):
    """A parent in the council learns no names of children, and no mark of theirs counts."""
    everybody_agrees(town, but=("Noor",))
    [own] = uploads(1, by=town.user["Lotte"], school=town.school, now=NOW, hat=Hat.FAMILY)
    told = {"by": Actor(town.user["Lotte"], Hat.FAMILY, NOW), "photos": [own.uid]}
    gate = gate_of([town.group["@mr"]], **told, others=[town.child["Noor"].uid], sought="Noor")
    assert (gate.people, gate.others, gate.found, gate.wants_marks) == ([], [], [], False)


@pytest.mark.parametrize("marks", [None, frozenset()])
def test_nor_does_nobody_open_the_gate_there(town, photo, marks):
    everybody_agrees(town, but=("Noor",))
    [own] = uploads(1, by=town.user["Lotte"], school=town.school, now=NOW, hat=Hat.FAMILY)
    with pytest.raises(GateClosedError):
        hand_in(town, pictures=[Picture(own.uid, marks=marks)])


EVERYBODY = {
    *("Fenna", "Ilyas", "Mees", "Noor", "Pim"),
    *("Petra Schuurman", "juf Anna", "meester Joost", "meester Thijs"),
}
IN_4 = {"Fenna", "Mees", "Noor", "Pim", "juf Anna"}
IN_7 = {"Ilyas", "meester Joost", "meester Thijs"}


@pytest.mark.parametrize(("name", "served"), [("Anna", IN_4), ("Joost", IN_7), ("Petra", EVERYBODY), ("Thijs", IN_7)])
def test_names_are_those_of_the_groups_that_the_writer_serves(town, name, served):
    """Whatever the groups of the message; and nobody's before a photo is there."""
    begin(town)
    told = {"by": Actor(town.user[name], Hat.STAFF, NOW)}
    before = gate_of([town.group["@school"]], **told, others=[town.child["Noor"].uid], sought="Noor")
    assert (before.people, before.others, before.found, before.wants_marks) == ([], [], [], False)
    assert (before.waits_for_photos, before.names_people) == (True, False)
    [own] = uploads(1, by=town.user[name], school=town.school, now=NOW)
    gate = gate_of([town.group["@school"]], **told, photos=[own.uid])
    assert {person.name for person in gate.people} == served
    assert {person.name for person in gate.spared} == served & set(town.child)
    assert gate.wants_marks


def test_a_photo_of_somebody_else_opens_no_names(town):
    begin(town)
    [other] = uploads(1, by=town.user["Joost"], school=town.school, now=NOW)
    for photos in ([other.uid], [uuid4()], []):
        gate = gate_of([town.group["g4"]], by=Actor(town.user["Anna"], Hat.STAFF, NOW), photos=photos, sought="No")
        assert (gate.people, gate.found, gate.waits_for_photos) == ([], [], True)


def test_of_others_the_name_and_nothing_else(town, photo):
    """Ilyas may not be shown; whoever looks him up reads that only after marking him."""
    everybody_agrees(town, but=("Ilyas", "Noor"))
    told = {"by": Actor(town.user["Anna"], Hat.STAFF, NOW), "photos": [photo().uid]}
    gate = gate_of([town.group["g4"]], **told, sought="ily", others=[town.child["Ilyas"].uid])
    assert [(one.name, one.is_shown) for one in (*gate.found, *gate.others)] == [("Ilyas", True)] * 2
    assert [person.name for person in gate.spared] == ["Noor"]
    with pytest.raises(GateClosedError) as refused:
        _placed(town, photo(), on={"Ilyas"})
    assert refused.value.barred == {1: ["Ilyas"]}


def _placed(town, image, on):
    marks = frozenset(town.child[name].uid for name in on)
    return publish_post(
        groups=[town.group["g4"]],
        topic="update",
        title="Titel",
        text="Tekst",
        replies="on",
        by=Actor(town.user["Anna"], Hat.STAFF, NOW),
        pictures=[Picture(image.uid, marks=marks)],
    )


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("no", ["Noor"]),
        ("NOOR", ["Noor"]),
        ("ann", ["juf Anna"]),
        ("pe schu", ["Petra Schuurman"]),
        ("oor", []),
        ("n", []),
        ("n 4", []),
        ("", []),
        ("%%", []),
        ("__", []),
        ("zof", []),
    ],
)
def test_looked_for_by_the_beginning_of_a_name(town, sought, found):
    """Two letters at least; nobody of another school."""
    begin(town)
    assert Child.objects.filter(first_name="Zofia").exists()
    assert [
        person.name for person in people_like(sought, children=Child.objects.all(), school=town.school.pk, now=NOW)
    ] == found


def test_a_child_is_found_by_the_whole_name_with_what_stands_before_the_surname(town):
    begin(town)
    Child.objects.filter(pk=town.child["Noor"].pk).update(prefix="van den", last_name="Berg")
    for sought in ("noor van den berg", "van den"):
        found = people_like(sought, children=Child.objects.all(), school=town.school.pk, now=NOW)
        assert [person.name for person in found] == ["Noor"]


def test_who_left_is_not_found_and_of_many_only_ten(town, photo):
    begin(town)
    Enrolment.objects.filter(child=town.child["Pim"]).update(valid_until=LONG_AGO)
    assert people_like("pim", children=Child.objects.all(), school=town.school.pk, now=NOW) == []
    for number in range(12):
        town.add_child(f"Sam {number}", "g7", "@school")
    told = {"by": Actor(town.user["Anna"], Hat.STAFF, NOW), "photos": [photo().uid]}
    gate = gate_of([town.group["g4"]], **told, sought="sam")
    assert (len(gate.offered), gate.found_too_many) == (10, True)
    assert not gate_of([town.group["g4"]], **told, sought="sam 1").found_too_many
