"""What consent leaves in the journal: each act once, whole, with its facts and never a name (POL-45, 63)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from consent.answers.services.decisions import decide_as_pupil, decide_for_self
from consent.answers.services.reluctance import end_reluctance, note_reluctance
from consent.asking.domain.purposes import IMAGES, NAMES, PRESS, WITHOUT_PLACE, Says
from consent.asking.services.letters import remind_families
from consent.asking.services.starting import start_consent
from consent.asking.services.texts import (
    add_purpose,
    change_purpose,
    require_everybody,
    resume_purpose,
    retire_purpose,
    write_text,
)
from consent.models import Decision, PaperForm, Purpose, PurposeText, Reluctance
from consent.overview.services import export_lines, print_forms
from consent.paper.services import Signed, record_paper
from consent.rounds.services.rounds import close_round, open_round
from consent.rounds.services.rules import change_rules, rules_of
from groups.roles import Hat
from portal.core.actor import Actor
from portal.core.domain.moments import at_school
from portal.core.models import AuditEvent, Submission
from tests.cast import Cast
from tests.consent.answering import purpose, turn_16
from tests.consent.pages import WORDS, answer, begun
from tests.messaging.photo_files import picture

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)


class Journal:
    """The lines since it was last read: verb, kind and number of what it is about, facts."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.last = cast, 0
        self.read()

    def read(self, person: str = "directie", at: datetime = NOW) -> list[tuple[str, str, Any, dict[str, Any]]]:
        """Each of this person, at the first school, at this moment."""
        lines = list(AuditEvent.objects.filter(pk__gt=self.last).order_by("pk"))
        if self.last:
            made = {(line.actor_uid, line.school_uid, line.at) for line in lines}
            assert made <= {(self.cast.user(person).uid, self.cast.linde.uid, at)}
        self.last = lines[-1].pk if lines else self.last
        return [(line.verb, line.subject_kind, line.subject_uid, line.facts) for line in lines]


@pytest.fixture
def journal(cast: Cast) -> Journal:
    """From when the school asks."""
    begun(cast, NOW - timedelta(days=2))
    return Journal(cast)


def head(cast: Cast) -> Actor:
    return Actor(cast.directie, Hat.ANY, NOW)


def test_that_a_school_begins(cast: Cast) -> None:
    journal = Journal(cast)
    made = start_consent(school=cast.linde, by=head(cast))
    assert journal.read() == [("started", "consent", cast.linde.uid, {"purposes": len(made)})]
    assert start_consent(school=cast.linde, by=head(cast)) == []
    assert journal.read() == []


def test_what_it_begins_with_is_asked_in_order_in_words_of_its_head(cast: Cast) -> None:
    made = start_consent(school=cast.linde, by=head(cast))
    assert [purpose.position for purpose in made] == list(range(len(made)))
    unasked = {purpose.key: purpose.retired_at for purpose in made if purpose.retired_at}
    assert unasked == dict.fromkeys(WITHOUT_PLACE, NOW)
    texts = PurposeText.objects.filter(purpose__in=made)
    assert set(texts.values_list("number", "written_by", "written_at")) == {(1, cast.directie.pk, NOW)}


def test_how_a_purpose_works(cast: Cast, journal: Journal) -> None:
    press = purpose(cast.linde, PRESS)
    how = {"basis": "objection", "reach": press.reach, "requires_all": True}
    change_purpose(purpose=press, version=1, **how, by=head(cast))
    assert journal.read() == [("purpose.changed", "purpose", press.uid, {"fields": ["basis", "requires_all"]})]
    assert press.texts.count() == 1
    change_purpose(purpose=press, version=2, **how, by=head(cast))
    assert journal.read() == []


def test_who_sees_it_and_in_which_words(cast: Cast, journal: Journal) -> None:
    images = purpose(cast.linde, IMAGES)
    first = images.texts.get()
    change_purpose(purpose=images, version=1, basis="consent", reach="school", requires_all=False, by=head(cast))
    assert journal.read() == [("purpose.changed", "purpose", images.uid, {"fields": ["reach"]})]
    wider = images.texts.get(number=2)
    facts = (wider.title_nl, wider.title_en, wider.text_nl, wider.text_en, wider.reach_before)
    assert facts == (first.title_nl, first.title_en, first.text_nl, first.text_en, first.purpose.reach)
    assert (wider.written_by, wider.written_at) == (cast.directie, NOW)
    write_text(purpose=images, version=2, words=WORDS, by=head(cast))
    assert journal.read() == [("purpose.changed", "purpose", images.uid, {"text": 3})]
    assert images.texts.get(number=3).reach_before == ""


def test_a_purpose_of_the_own(cast: Cast, journal: Journal) -> None:
    key = uuid4()
    how = {"basis": "consent", "reach": "groups", "requires_all": False}
    last = Purpose.objects.filter(school=cast.linde).order_by("position").last()
    made = add_purpose(school=cast.linde, words=WORDS, **how, by=head(cast), submission_key=key)
    assert journal.read() == [("purpose.added", "purpose", made.uid, {})]
    assert last
    assert made.position == last.position + 1
    sent = Submission.objects.filter(key=key).values_list("user", "subject_kind", "subject_uid", "created_at")
    assert list(sent) == [(cast.directie.pk, "purpose", made.uid, NOW)]


def test_the_first_purpose_of_a_school_without_any(cast: Cast) -> None:
    how = {"basis": "consent", "reach": "groups", "requires_all": False}
    assert add_purpose(school=cast.linde, words=WORDS, **how, by=head(cast)).position == 1


def test_asked_no_more_and_again(cast: Cast, journal: Journal) -> None:
    images = purpose(cast.linde, IMAGES)
    retire_purpose(purpose=images, by=head(cast))
    assert journal.read() == [("purpose.retired", "purpose", images.uid, {})]
    assert purpose(cast.linde, IMAGES).retired_at == NOW
    retire_purpose(purpose=images, by=head(cast))
    resume_purpose(purpose=images, by=head(cast))
    assert journal.read() == [("purpose.resumed", "purpose", images.uid, {})]
    resume_purpose(purpose=images, by=head(cast))
    assert journal.read() == []


def test_that_everybody_has_to_agree(cast: Cast, journal: Journal) -> None:
    asked = Purpose.objects.asked().filter(school=cast.linde)
    require_everybody(school=cast.linde, everybody=True, by=head(cast))
    told = journal.read()
    assert told == [("purpose.changed", "purpose", one.uid, {"fields": ["requires_all"]}) for one in asked]


def test_a_round(cast: Cast, journal: Journal) -> None:
    asked = Purpose.objects.asked().filter(school=cast.linde).count()
    before, day = NOW - timedelta(days=1), (NOW + timedelta(days=9)).date()
    opened = open_round(school=cast.linde, closes_on=day, lapses=False, by=Actor(cast.directie, Hat.ANY, before))
    assert (opened.opened_by, opened.opens_at) == (cast.directie, before)
    facts = {"purposes": asked, "lapses": False}
    assert journal.read(at=before) == [("round.opened", "consent_round", opened.uid, facts)]
    closed = close_round(round=opened, by=head(cast))
    assert (closed.closes_at, closed.version) == (NOW, 2)
    assert journal.read() == [("round.closed", "consent_round", opened.uid, {})]
    close_round(round=opened, by=head(cast))
    assert journal.read() == []


def test_what_the_school_chose(cast: Cast, journal: Journal) -> None:
    standing = rules_of(cast.linde)
    others = {"yes_lapses": not standing.yes_lapses, "hide_unseen": not standing.hide_unseen}
    same = {"may_download": standing.may_download}
    change_rules(school=cast.linde, version=standing.version, **others, **same, by=head(cast))
    chosen = {"fields": ["hide_unseen", "yes_lapses"]}
    assert journal.read() == [("consent.changed", "school", cast.linde.uid, chosen)]
    assert rules_of(cast.linde).version == standing.version + 1


def test_who_took_the_answers_along_and_printed_forms(cast: Cast, journal: Journal) -> None:
    """Not about whom: how many."""
    everything = dict.fromkeys(Purpose.objects.asked().filter(school=cast.linde).values_list("key", flat=True), "no")
    answer(cast, "mother", "Noor", before := NOW - timedelta(hours=1), **everything)
    journal.read("mother", before)
    taken = export_lines(group=cast.groep_4, keys=[IMAGES], by=head(cast))
    assert journal.read() == [("consent.exported", "group", cast.groep_4.uid, {"children": len(taken)})]
    printed = print_forms(group=cast.groep_4, by=head(cast))
    assert journal.read() == [("consent.forms_printed", "group", cast.groep_4.uid, {"children": len(printed)})]
    assert len(printed) == len(taken) - 1


def test_who_reminded(cast: Cast, journal: Journal) -> None:
    written = remind_families(group=cast.groep_4, by=head(cast))
    assert written
    assert journal.read() == [("consent.reminded", "group", cast.groep_4.uid, {"mails": written})]


def test_that_a_child_would_rather_not(cast: Cast, journal: Journal) -> None:
    finn, teacher = cast.child("Finn"), Actor(cast.teacher, Hat.ANY, NOW)
    note_reluctance(child=finn, note="Vindt het spannend", by=teacher)
    kept = Reluctance.objects.get(child=finn)
    about = {"child": str(finn.uid)}
    assert journal.read("teacher") == [("noted", "reluctance", kept.uid, about)]
    end_reluctance(child=finn, by=teacher)
    assert journal.read("teacher") == [("ended", "reluctance", kept.uid, about)]
    kept.refresh_from_db()
    assert (kept.recorded_by, kept.recorded_at) == (cast.teacher, NOW)
    assert (kept.ended_by, kept.ended_at) == (cast.teacher, NOW)
    end_reluctance(child=finn, by=teacher)
    assert journal.read("teacher") == []


def test_what_a_parent_answered(cast: Cast, journal: Journal) -> None:
    answer(cast, "mother", "Noor", NOW, images="yes", press="no")
    told = journal.read("mother")
    assert told == [_decided(row) for row in Decision.objects.order_by("pk")]
    assert {facts["says"] for _verb, _kind, _uid, facts in told} == {"yes", "no"}
    answer(cast, "mother", "Noor", NOW, images="yes")
    assert journal.read("mother") == []


def test_what_a_pupil_and_an_adult_answered_about_themselves(cast: Cast, journal: Journal) -> None:
    images = purpose(cast.linde, IMAGES)
    tess = turn_16(cast.child("Tess"))
    decide_as_pupil(child=tess, answers={images: (Says.NO, 1)}, by=Actor(cast.user("pupil"), Hat.ANY, NOW))
    own = Decision.objects.get(child=tess, caregiver=None)
    assert journal.read("pupil") == [_decided(own)]
    decide_for_self(school=cast.linde, answers={images: (Says.YES, 1)}, by=Actor(cast.teacher, Hat.ANY, NOW))
    own = Decision.objects.get(adult=cast.teacher)
    assert journal.read("teacher") == [_decided(own)]


def _decided(row: Decision, **more: str) -> tuple[str, str, Any, dict[str, Any]]:
    return "decided", "decision", row.uid, {"purpose": row.purpose.key, "says": row.says, **more}


def test_what_was_signed_on_paper(cast: Cast, journal: Journal, tmp_path: Any, settings: Any) -> None:
    settings.KRING_DATA_DIR = tmp_path
    answers = {purpose(cast.linde, IMAGES): Says.YES, purpose(cast.linde, NAMES): Says.NO}
    signed = Signed(cast.child("Noor"), cast.caregiver("mother"), at_school(NOW).date(), answers)
    key = uuid4()
    form = record_paper(signed=signed, scan=picture(), key=key, by=head(cast))
    decided = [_decided(row, way="paper") for row in Decision.objects.order_by("pk")]
    assert journal.read() == [("recorded", "paper_form", form.uid, {"answers": 2}), *decided]
    kept = PaperForm.objects.get()
    assert (kept.recorded_by, kept.recorded_at, kept.caregiver) == (cast.directie, NOW, cast.caregiver("mother"))
    sent = Submission.objects.filter(key=key).values_list("user", "subject_kind", "subject_uid", "created_at")
    assert list(sent) == [(cast.directie.pk, "paper_form", form.uid, NOW)]
