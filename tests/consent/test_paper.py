"""The office types over what was signed on paper, with its scan, which nobody but the directie ever sees."""

import contextlib
import hashlib
import io
import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Pillow

from consent.answers.policies import is_own_child
from consent.asking.domain.purposes import IMAGES, NAMES, Says
from consent.asking.services.texts import retire_purpose
from consent.clearances.domain.allowed import Verdict
from consent.clearances.models import Clearance
from consent.models import Decision, PaperForm, Purpose
from consent.overview.services import lines_of
from consent.paper.services import (
    AlreadySubmittedError,
    AnsweredSinceError,
    NoSayError,
    ScanRefusedError,
    Signed,
    SignedBeforeBirthError,
    SignedInFutureError,
    forms_of,
    record_paper,
    scan_keys,
    scans,
)
from consent.rounds.services.rounds import close_round, open_round
from groups.models import Caregiver, Child, Guardianship
from groups.roles import Hat
from messaging.photos.services.images import sweep_uploads
from portal.core.actor import Actor
from portal.core.domain.moments import at_school
from portal.core.media import storage
from portal.core.media.folder import root
from portal.core.media.turns import turn_of
from portal.core.models import AuditEvent
from tests import rows
from tests.cast import NAMES as PEOPLE
from tests.cast import Cast
from tests.consent.answering import rewrite, turn_16
from tests.consent.pages import answer, begun, visit


@pytest.fixture(autouse=True)
def _own_disk(tmp_path: Any, settings: Any) -> None:
    settings.KRING_DATA_DIR = tmp_path
    settings.KRING_SECOND_FACTOR = False


def picture(kind: str = "JPEG") -> bytes:
    file = io.BytesIO()
    Pillow.new("RGB", (64, 48), "teal").save(file, kind)
    return file.getvalue()


def today() -> date:
    return at_school(timezone.now()).date()


def recorded(cast: Cast, child: str = "Noor", caregiver: Caregiver | None = None, **more: Any) -> PaperForm:
    purposes = {purpose.key: purpose for purpose in Purpose.objects.filter(school=cast.linde)}
    said = more.pop("said", {IMAGES: Says.YES})
    signed = Signed(
        cast.child(child),
        caregiver or cast.caregiver("mother"),
        more.pop("signed_on", today()),
        {purposes[key]: says for key, says in said.items()},
    )
    given = {
        "scan": picture(),
        "key": uuid4(),
        "by": Actor(more.pop("by", cast.directie), Hat.ANY, timezone.now()),
        **more,
    }
    return record_paper(signed=signed, **given)


def images_of(cast: Cast, child: str) -> Verdict:
    lines = lines_of(cast.groep_4, [IMAGES], by=Actor(cast.directie, Hat.ANY, timezone.now()))
    return next(line.verdicts[0] for line in lines if line.child.first_name == child)


def test_paper_counts_in_the_name_of_who_signed(cast: Cast) -> None:
    begun(cast)
    form = recorded(cast, said={IMAGES: Says.YES, NAMES: Says.NO})
    rows = Decision.objects.filter(paper=form).order_by("pk")
    facts = ("purpose__key", "says", "way", "caregiver", "recorded_by", "text_version")
    mother, by = cast.caregiver("mother").pk, cast.directie.pk
    assert list(rows.values_list(*facts)) == [
        (IMAGES, "yes", "paper", mother, by, 1),
        (NAMES, "no", "paper", mother, by, 1),
    ]
    assert images_of(cast, "Noor") == Verdict.SHOWN
    told = AuditEvent.objects.filter(subject_kind__in=["paper_form", "decision"], school_uid=cast.linde.uid)
    assert list(told.order_by("pk").values_list("verb", flat=True)) == ["recorded", "decided", "decided"]


def test_what_is_asked_no_more_takes_a_no_on_paper_too(cast: Cast) -> None:
    """Photos of before stand there still; a family that answers on paper has no other way to say no (POL-43)."""
    begun(cast)
    answer(cast, "mother", "Noor", images="yes")
    images, office = Purpose.objects.get(school=cast.linde, key=IMAGES), visit(cast, "directie")
    retire_purpose(purpose=images, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    text = office.get(reverse("consent:record_paper", args=[cast.child("Noor").uid])).content.decode()
    assert re.findall(rf'name="answer-{images.uid}" value="(\w*)"', text) == ["no", ""]
    assert "School asks this no more." in text
    with pytest.raises(PermissionDenied):
        recorded(cast)
    recorded(cast, caregiver=cast.caregiver("father"), said={IMAGES: Says.NO})
    refused = Clearance.objects.refusals(IMAGES, schools=[cast.linde], now=timezone.now())
    assert refused.filter(child=cast.child("Noor")).exists()


def test_the_whole_of_the_store_knows_the_scan_by_its_key_and_its_hash(cast: Cast) -> None:
    begun(cast)
    form = recorded(cast)
    kept = hashlib.sha256(storage.read(form.key, "webp", 1600)).hexdigest()
    assert (scans(), scan_keys()) == ({form.key: kept}, {form.key})


def test_while_another_picture_of_the_same_hand_is_made_the_scan_is_for_later(cast: Cast) -> None:
    begun(cast)
    with turn_of(cast.directie, now=timezone.now()) as is_mine:
        assert is_mine
        with pytest.raises(ScanRefusedError, match="later"):
            recorded(cast)
    assert not PaperForm.objects.exists()


def test_two_parents_with_one_address_and_no_account_each_sign(cast: Cast) -> None:
    """W19: neither address nor account says who somebody is on paper; the guardianship does."""
    begun(cast)
    noor, parents = cast.child("Noor"), []
    for first_name in ("Iris", "Ravi"):
        since = timezone.now() - timedelta(days=1)
        parents.append(rows.caregiver(cast.linde, first_name, noor, email="samen@x.example", since=since))
    recorded(cast, caregiver=parents[0])
    assert images_of(cast, "Noor") == Verdict.SHOWN
    recorded(cast, caregiver=parents[1], said={IMAGES: Says.NO})
    assert images_of(cast, "Noor") == Verdict.REFUSED


@pytest.mark.parametrize("name", [name for name in PEOPLE if name != "anonymous"])
def test_only_the_directie_of_the_school_records(cast: Cast, name: str) -> None:
    begun(cast)
    if name == "directie":
        assert recorded(cast, by=cast.user(name))
    else:
        with pytest.raises(PermissionDenied):
            recorded(cast, by=cast.user(name))


def test_not_about_the_own_family(cast: Cast) -> None:
    begun(cast)
    form = recorded(cast)
    Caregiver.objects.filter(pk=cast.caregiver("father").pk).update(user=cast.directie)
    with pytest.raises(PermissionDenied):
        recorded(cast)
    client = visit(cast, "directie")
    assert client.get(reverse("consent:scan", args=[form.uid, 400])).status_code == 404
    assert client.get(reverse("consent:record_paper", args=[cast.child("Noor").uid])).status_code == 404


def test_the_own_family_is_that_until_its_last_day(cast: Cast) -> None:
    """Next year's roster may know already on which day somebody is no family of this child any more."""
    begun(cast)
    now = timezone.now()
    Caregiver.objects.filter(pk=cast.caregiver("father").pk).update(user=cast.directie)
    rows = Guardianship.objects.filter(pk=cast.guardianship("father", "Noor").pk)
    for ends, is_own in ((now + timedelta(seconds=1), True), (now, False)):
        rows.update(valid_until=ends)
        assert is_own_child(Actor(cast.directie, Hat.ANY, now), cast.child("Noor")) is is_own


@pytest.mark.parametrize("who", ["admitted_reader", "father_without_authority", "other_parent"])
def test_a_signature_without_a_say_counts_for_nothing(cast: Cast, who: str) -> None:
    begun(cast)
    with pytest.raises(NoSayError):
        recorded(cast, caregiver=cast.caregiver(who))
    assert not PaperForm.objects.exists()
    assert list(storage.kept_keys()) == []


def test_from_sixteen_the_pupil_signs(cast: Cast) -> None:
    begun(cast)
    purpose = Purpose.objects.get(school=cast.linde, key=IMAGES)
    noor = cast.child("Noor")
    now = timezone.now()
    Child.objects.filter(pk=noor.pk).update(birth_on=today().replace(year=today().year - 17))
    with pytest.raises(NoSayError):
        recorded(cast)
    own = Signed(cast.child("Noor"), None, today(), {purpose: Says.YES})
    record_paper(signed=own, scan=picture(), key=uuid4(), by=Actor(cast.directie, Hat.ANY, now))
    assert images_of(cast, "Noor") == Verdict.SHOWN
    body = visit(cast, "directie").get(reverse("consent:record_paper", args=[noor.uid])).content.decode()
    assert "From 16 a pupil signs alone." in body


@pytest.mark.parametrize(("days", "counts"), [(0, True), (1, False)])
def test_what_a_pupil_signed_counts_from_the_birthday_on(cast: Cast, days: int, counts: bool) -> None:
    begun(cast)
    answer(cast, "mother", "Noor", images="no")
    turn_16(cast.child("Noor"))
    purpose = Purpose.objects.get(school=cast.linde, key=IMAGES)
    own = Signed(cast.child("Noor"), None, today() - timedelta(days=days), {purpose: Says.YES})
    by = Actor(cast.directie, Hat.ANY, timezone.now())
    with contextlib.nullcontext() if counts else pytest.raises(NoSayError):
        record_paper(signed=own, scan=picture(), key=uuid4(), by=by)
    assert Decision.objects.filter(child=cast.child("Noor"), paper__isnull=False).exists() is counts


def test_paper_does_not_overrule_what_was_answered_since(cast: Cast) -> None:
    begun(cast)
    answer(cast, "mother", "Noor", images="no")
    for signed_on in (today(), today() - timedelta(days=3)):
        with pytest.raises(AnsweredSinceError, match=r"^1$"):
            recorded(cast, signed_on=signed_on)
    assert images_of(cast, "Noor") == Verdict.REFUSED
    assert list(storage.kept_keys()) == []


def test_of_two_forms_of_one_day_the_last_that_was_handed_in_counts_and_none_before_a_later_one(cast: Cast) -> None:
    begun(cast)
    yesterday = today() - timedelta(days=1)
    recorded(cast, signed_on=yesterday)
    recorded(cast, signed_on=yesterday, said={IMAGES: Says.NO})
    assert images_of(cast, "Noor") == Verdict.REFUSED
    with pytest.raises(AnsweredSinceError, match=r"^1$"):
        recorded(cast, signed_on=yesterday - timedelta(days=1))


def test_the_forms_of_a_child_are_read_with_whose_they_are_in_one_question(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    begun(cast)
    for days in (2, 0, 1):
        recorded(cast, signed_on=today() - timedelta(days=days))
    noor, mother, directie = cast.child("Noor"), cast.caregiver("mother"), cast.directie
    with django_assert_num_queries(1):
        forms = forms_of(noor)
        assert {(form.caregiver, form.recorded_by) for form in forms} == {(mother, directie)}
    assert [(today() - form.signed_on).days for form in forms] == [0, 1, 2]
    later = recorded(cast, signed_on=today() - timedelta(days=1), said={NAMES: Says.YES})
    assert forms_of(noor)[1] == later


@pytest.mark.parametrize(
    ("signed", "number", "asked_again"), [(-3, 1, True), (-2, 1, True), (-1, 2, False), (0, 2, False)]
)
def test_a_form_answers_the_words_of_the_day_it_was_signed(
    cast: Cast, signed: int, number: int, asked_again: bool
) -> None:
    """W11: it lay in a bag while the school changed its words, two days ago."""
    now = timezone.now()
    begun(cast, now - timedelta(days=9))
    purpose = Purpose.objects.get(school=cast.linde, key=IMAGES)
    rewrite(purpose, "Now also in the hall.", by=cast.directie, now=now - timedelta(days=2))
    form = recorded(cast, signed_on=today() + timedelta(days=signed))
    assert Decision.objects.get(paper=form).text_version == number
    waiting = Purpose.objects.filter(pk=purpose.pk).waiting_on(now=now)
    noor = waiting.filter(child=cast.child("Noor"), caregiver=cast.caregiver("mother"))
    assert noor.exists() is asked_again


def test_nobody_signs_tomorrow(cast: Cast) -> None:
    begun(cast)
    with pytest.raises(SignedInFutureError):
        recorded(cast, signed_on=today() + timedelta(days=1))


@pytest.mark.parametrize(("scan", "reason"), [(b"", "empty"), (b"%PDF-1.7 x", "kind"), (b"x" * 15_000_001, "heavy")])
def test_a_scan_that_is_no_picture_is_refused(cast: Cast, scan: bytes, reason: str) -> None:
    begun(cast)
    with pytest.raises(ScanRefusedError) as refused:
        recorded(cast, scan=scan)
    assert refused.value.reason == reason
    assert not PaperForm.objects.exists()


def test_the_same_form_twice_is_one_form(cast: Cast) -> None:
    begun(cast)
    key = uuid4()
    recorded(cast, key=key)
    with pytest.raises(AlreadySubmittedError):
        recorded(cast, key=key)
    assert Decision.objects.count() == PaperForm.objects.count() == 1
    assert len(list(storage.kept_keys())) == 1


def test_the_form_of_the_other_parent_is_kept_though_it_was_typed_in_the_same_page(cast: Cast) -> None:
    begun(cast)
    client, images = visit(cast, "directie"), Purpose.objects.get(school=cast.linde, key=IMAGES)
    key, father = str(uuid4()), cast.guardianship("father", "Noor").uid
    sent(cast, client, "Noor", key=key)
    for _ in range(2):
        assert sent(cast, client, "Noor", key=key, signer=father, **{f"answer-{images.uid}": "no"}).status_code == 302
    answers = Decision.objects.order_by("pk").values_list("caregiver__first_name", "says")
    assert list(answers) == [("Mother", "yes"), ("Father", "no")]


def test_the_sum_is_of_the_scan_in_its_largest_size(cast: Cast) -> None:
    begun(cast)
    form = recorded(cast)
    sizes = [path for path in root().glob(f"*/{form.key}/*")]
    largest = max(sizes, key=lambda path: int(path.stem))
    assert len(sizes) > 1
    assert form.sha256 == hashlib.sha256(largest.read_bytes()).hexdigest()


def test_the_sweep_of_photos_leaves_scans_alone(cast: Cast) -> None:
    begun(cast)
    form = recorded(cast)
    sweep_uploads(now=timezone.now() + timedelta(days=3))
    assert set(storage.kept_keys()) == {form.key}


def sent(cast: Cast, client: Client, child: str, **more: Any) -> Any:
    page = reverse("consent:record_paper", args=[cast.child(child).uid])
    form = client.get(page).context["form"]
    images = Purpose.objects.get(school=cast.linde, key=IMAGES)
    fields = {
        "key": form["key"].value(),
        "signer": cast.guardianship("mother", "Noor").uid,
        "signed_on": today().isoformat(),
        f"answer-{images.uid}": "yes",
        "scan": SimpleUploadedFile("form.jpg", picture(), "image/jpeg"),
        **more,
    }
    return client.post(page, {name: value for name, value in fields.items() if value != ""})


def test_the_page_records_and_shows_the_scan_to_the_directie_only(cast: Cast) -> None:
    begun(cast)
    client = visit(cast, "directie")
    found = client.get(reverse("consent:paper"), {"q": "Noor"}).content.decode()
    assert str(cast.child("Noor").uid) in found
    assert sent(cast, client, "Noor").status_code == 302
    form = PaperForm.objects.get()
    assert (form.caregiver, form.child, form.signed_on) == (cast.caregiver("mother"), cast.child("Noor"), today())
    response = client.get(reverse("consent:scan", args=[form.uid, 1600]))
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    for name in ("mother", "teacher", "ict", "directie_elsewhere"):
        assert visit(cast, name).get(reverse("consent:scan", args=[form.uid, 1600])).status_code == 404


def test_the_page_asks_as_much_for_two_who_can_sign_as_for_one(cast: Cast, django_assert_num_queries: Any) -> None:
    begun(cast)
    client, page = visit(cast, "directie"), reverse("consent:record_paper", args=[cast.child("Noor").uid])
    client.get(page)
    with CaptureQueriesContext(connection) as asked:
        for_two = client.get(page).context["form"]["signer"]
    other = cast.guardianship("father", "Noor")
    Guardianship.objects.filter(pk=other.pk).update(valid_until=timezone.now())
    with django_assert_num_queries(len(asked)):
        for_one = client.get(page).context["form"]["signer"]
    assert (len(for_two), len(for_one)) == (2, 1)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"signer": ""}, "Choose who signed."),
        ({"signer": "elsewhere"}, "Choose who signed."),
        ({"signed_on": "2999-01-01"}, "This day is still to come."),
        ({"signed_on": "gisteren"}, "Choose a day, like 4-12-2026."),
        ({"scan": SimpleUploadedFile("form.pdf", b"%PDF-1.7 hello", "application/pdf")}, "make a photo of the form"),
        ({"scan": ""}, "Choose a photo or scan"),
    ],
)
def test_a_form_that_cannot_be_kept_says_what_to_do(cast: Cast, more: dict[str, Any], sentence: str) -> None:
    begun(cast)
    if more.get("signer") == "elsewhere":
        more = {"signer": cast.guardianship("parent_elsewhere", "Saar").uid}
    response = sent(cast, visit(cast, "directie"), "Noor", **more)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not PaperForm.objects.exists()


def test_answers_to_another_schools_purposes_are_not_read(cast: Cast) -> None:
    begun(cast)
    client = visit(cast, "directie")
    images = Purpose.objects.get(school=cast.linde, key=IMAGES)
    more = {f"answer-{images.uid}": "", f"answer-{uuid4()}": "yes"}
    response = sent(cast, client, "Noor", **more)
    assert response.status_code == 422
    assert "Fill in at least one answer." in response.content.decode()


def test_a_child_of_another_school_is_not_found(cast: Cast) -> None:
    begun(cast)
    client = visit(cast, "directie")
    assert client.get(reverse("consent:record_paper", args=[cast.child("Saar").uid])).status_code == 404
    assert "Saar" not in client.get(reverse("consent:paper"), {"q": "Saar"}).content.decode().replace(
        'value="Saar"', ""
    )


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_that_nobody_can_mean_is_said_in_words(cast: Cast, day: str) -> None:
    """No clock can tell when these days begin or end."""
    begun(cast)
    directie = visit(cast, "directie")
    answers = [
        sent(cast, directie, "Noor", signed_on=day),
        directie.post(reverse("consent:rounds"), {"closes_on": day, "lapses": "stands"}),
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("Choose a day, like 4-12-2026." in answer.content.decode() for answer in answers)


@pytest.mark.parametrize(
    ("left", "is_found", "says_so"),
    [
        (-timedelta(hours=1), True, False),
        (timedelta(seconds=1), True, True),
        (timedelta(days=396), True, True),
        (timedelta(days=398), False, False),
    ],
    ids=["next month", "now", "photos stand", "none stand"],
)
def test_of_who_leaves_a_form_is_typed_over_while_photos_stand(
    cast: Cast, left: timedelta, is_found: bool, says_so: bool
) -> None:
    """A parent without an account could not say no any more, while the child stood in the album."""
    begun(cast)
    Child.objects.filter(pk=cast.child("Noor").pk).update(left_at=timezone.now() - left)
    directie, page = visit(cast, "directie"), reverse("consent:record_paper", args=[cast.child("Noor").uid])
    text = directie.get(reverse("consent:paper"), {"q": "Noor"}).content.decode()
    assert (page in text, "left school on" in text) == (is_found, says_so)
    assert directie.get(page).status_code == (200 if is_found else 404)


@pytest.mark.engines
def test_what_comes_along_in_pasting_a_name_is_not_looked_for(cast: Cast) -> None:
    begun(cast)
    page = visit(cast, "directie").get(reverse("consent:paper"), {"q": "No\u00ador\0"}).content.decode()
    assert reverse("consent:record_paper", args=[cast.child("Noor").uid]) in page


def test_an_older_form_with_the_same_answer_does_not_ask_again(cast: Cast) -> None:
    """The mother read the new words in Kring and said yes; the form of last week answers the old ones."""
    now = timezone.now()
    website = begun(cast, now - timedelta(days=9))[IMAGES]
    rewrite(website, "Andere woorden.", by=cast.directie, now=now - timedelta(days=2))
    answer(cast, "mother", "Noor", images="yes")
    assert not Purpose.objects.filter(key=IMAGES).waiting_on(now=now).filter(caregiver__user=cast.mother).exists()
    recorded(cast, signed_on=today() - timedelta(days=5))
    later = timezone.now()
    assert not Purpose.objects.filter(key=IMAGES).waiting_on(now=later).filter(caregiver__user=cast.mother).exists()


@pytest.mark.parametrize(("days", "after"), [(30, Verdict.UNANSWERED), (0, Verdict.SHOWN)])
def test_a_yes_is_as_old_as_its_signature_and_a_no_counts_at_once(cast: Cast, days: int, after: Verdict) -> None:
    """A form that was signed before a round and typed over in it outlived that round."""
    begun(cast)
    now, signed_on = timezone.now(), today() - timedelta(days=days)
    closes_on = today() + timedelta(days=9)
    opened = open_round(school=cast.linde, closes_on=closes_on, lapses=True, by=Actor(cast.directie, Hat.ANY, now))
    recorded(cast, signed_on=signed_on)
    assert images_of(cast, "Noor") == Verdict.SHOWN
    close_round(round=opened, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert images_of(cast, "Noor") == after
    recorded(cast, signed_on=signed_on, caregiver=cast.caregiver("father"), said={IMAGES: Says.NO})
    assert Decision.objects.get(says="no").decided_at > now
    assert images_of(cast, "Noor") == Verdict.REFUSED


def test_nobody_signs_about_a_child_that_is_not_born(cast: Cast) -> None:
    begun(cast)
    born = cast.child("Noor").birth_on
    with pytest.raises(SignedBeforeBirthError):
        recorded(cast, signed_on=born - timedelta(days=1))
    assert recorded(cast, signed_on=born)
