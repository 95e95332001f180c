"""F1: an update showed every parent who has custody of whom. Here each field says who reads it (docs/failures.md).

Every field that can hold words stands in one of the lists below, so that a new one has to be thought about. What is
for few carries a canary, and every page that each person of the cast can open is drawn and searched for it.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.template import engines
from django.urls import reverse
from django.utils import translation
from django.utils.translation import trans_real

from groups.models import Level
from portal.core import triggers
from portal.core.checks import our_packages
from tests.permissions.conftest import Standing
from tests.permissions.conftest import standing as standing
from tests.permissions.test_matrix import SIGNED_IN, client_of
from tests.permissions.test_questions import Visit, visits_of

DIRECTIES = {"directie", "directie_elsewhere"}
LEADS = {*DIRECTIES, "case_officer"}
TEACHERS = {"teacher", "substitute", "teacher_who_is_parent", "teacher_elsewhere"}
NOBODY: set[str] = set()

AUDIENCE: dict[str, set[str]] = {
    "core.DossierEntry reason": LEADS,
    "core.OutboxItem address": NOBODY,
    "core.OutboxItem last_error": NOBODY,
    "groups.Caregiver former_email": DIRECTIES,
    "groups.Caregiver postal_address": DIRECTIES,
    "groups.Child last_name": {*DIRECTIES, *TEACHERS},
    "groups.Child prefix": {*DIRECTIES, *TEACHERS},
    "groups.Foundation mailbox": NOBODY,
    "groups.Guardianship evidence": DIRECTIES,
    "groups.Guardianship level": DIRECTIES,
    "groups.Guardianship relation": DIRECTIES,
    "groups.Shield lifting_reason": DIRECTIES,
    "groups.Shield reason": DIRECTIES,
    "groups.Telling withheld_because": LEADS,
    "groups.TellingAnswer text": LEADS,
    "messaging.Depiction note": {*DIRECTIES, *TEACHERS},
    "messaging.HandinStep word": {*DIRECTIES, "council_member", "teacher"},
    "messaging.Upload refused": {"teacher"},
    "moderation.AccessRequest closed_because": LEADS,
    "moderation.AccessRequest extended_because": {*LEADS, "mother", "parent_of_two", "teacher"},
    "moderation.AccessRequest other_words": LEADS,
    "moderation.AccessRequest stood": LEADS,
    "moderation.AccessRequest word": LEADS,
    "moderation.BulkAct reason": DIRECTIES,
    "moderation.BulkAct told": DIRECTIES,
    "moderation.DossierReading reason": LEADS,
    "moderation.Letter text": {*LEADS, "teacher", "substitute", "teacher_elsewhere"},
    "moderation.Letter title": {*LEADS, "teacher", "substitute", "teacher_elsewhere"},
    "moderation.ProtocolDraft summary_en": DIRECTIES,
    "moderation.ProtocolDraft summary_nl": DIRECTIES,
    "moderation.ProtocolDraft text_en": DIRECTIES,
    "moderation.ProtocolDraft text_nl": DIRECTIES,
    "moderation.Report words": {*LEADS, "father", "teacher", "substitute", "teacher_elsewhere"},
}
"""What is for few, and who of the cast reads it: who decided, who has to act on it, who wrote it."""

OWN_TESTS = {
    "core.DossierPayload content": "tests/moderation/test_dossier_pages.py",
    "core.PushDevice session_key endpoint p256dh auth": "tests/groups/test_phone_pages.py",
    "consent.Reluctance note": "tests/messaging/test_rather_not.py",
    "groups.Restriction other_way": "tests/groups/test_restrictions.py",
    "groups.RosterUpload files outcome": "tests/groups/test_roster_page.py",
    "groups.Telling words author_name author_function": "tests/groups/test_told.py",
    "messaging.Foreword text author_name author_function": "tests/messaging/test_forewords.py",
    "messaging.Helper phone": "tests/messaging/test_helping.py",
    "messaging.KeptText fields": "tests/messaging/test_kept_texts.py",
    "messaging.ThreadStep by_name by_function about_name about_function word": "tests/messaging/test_newcomers.py",
    "messaging.PhoneCall caller_name": "tests/messaging/test_urgent.py",
    "messaging.UrgentMessage reason": "tests/messaging/test_urgent.py",
    "groups.Caregiver phone": "tests/messaging/test_urgent.py",
    "moderation.AccessCopy content": "tests/moderation/test_access_requests.py",
    "moderation.AccessPassage title text": "tests/moderation/test_access_requests.py",
    "moderation.AccessRequest blackened draft": "tests/moderation/test_access_requests.py",
    "moderation.Departure words": "tests/moderation/test_leaving_page.py",
    "moderation.EvaluationRemark words": "tests/moderation/test_evaluations.py",
    "moderation.KindNote about_kind text author_name author_function": "tests/moderation/test_deciding.py",
    "moderation.Measure words why_outside why_unheard letter_number": "tests/moderation/test_deciding.py",
    "moderation.ParentWord author_name text": "tests/moderation/test_kind_words.py",
    "moderation.Report seen_where": "tests/moderation/test_reports.py",
}
"""For few as well; written or drawn in tests of their own, where who reads it is said."""

ADDRESSES = {"core.User email", "groups.Caregiver email", "groups.StaffMember email"}
"""Who reads an address: its owner, and who lets people in. All of the cast's end in `@cast.example`."""
LETS_IN = {*DIRECTIES, "ict", "case_officer"}

WHERE_IT_STANDS = {
    "agenda.Event title place author_name author_function",
    "consent.PurposeText title_nl title_en text_nl text_en",
    "core.User name",
    "groups.Caregiver first_name prefix last_name",
    "groups.Child first_name",
    "groups.Foundation name",
    "groups.Group name year_level label colour shape",
    "groups.Holiday name",
    "groups.School name phone street town opening_hours helpdesk_email confidant board_contact complaints_committee "
    "privacy_officer council_contact",
    "groups.SchoolYear name",
    "groups.StaffMember first_name prefix last_name display_name function works_on",
    "messaging.HandinStep by_name by_function",
    "messaging.Placement alt",
    "messaging.Thread title",
    "messaging.Writing author_name author_function text html language title bring cost options tasks venue",
    "messaging.WritingVersion topic title text replies bring cost options tasks venue",
    "moderation.Departure name",
    "moderation.DossierTerms ground",
    "moderation.KindWordRules phrases",
    "moderation.Protocol summary_nl text_nl summary_en text_en council_note",
}
"""Read by whoever may open what it belongs to: the matrix, the one rule and `tests.canaries` keep watch over these."""

NO_WORDS = {
    "agenda.CalendarAddress digest",
    "consent.Clearance key",
    "consent.PaperForm key sha256",
    "consent.Purpose key",
    "core.AuditEvent verb subject_kind facts",
    "core.DossierEntry subject_kind payload_digest previous hash",
    "core.JournalLine place key act said",
    "core.KnownPlace digest",
    "core.OutboxItem kind subject_kind dedupe_key",
    "core.Submission subject_kind said",
    "core.TakenTries action key",
    "core.User password language",
    "core.VitalSign name trouble numbers",
    "groups.Child roster_key",
    "groups.ChildGrant hat",
    "groups.Group roster_key",
    "groups.GroupGrant hat",
    "groups.Invitation code_hash",
    "groups.LeftStep step",
    "groups.RosterUpload fingerprint",
    "groups.School brin dependance",
    "groups.SchoolGrant hat",
    "groups.StaffMember roster_key",
    "groups.Telling kind about_kind",
    "messaging.AskAnswer chosen",
    "messaging.DigestEdition name",
    "messaging.Foreword week",
    "messaging.Image key sha256",
    "messaging.Placement reported_key reported_sha256",
    "messaging.ImageDeclaration wording",
    "messaging.KeptText form",
    "messaging.Seat side",
    "messaging.ThreadGrant hat",
    "messaging.Upload hat key",
    "moderation.AccessCopy digest",
    "moderation.AccessRequestGrant hat",
    "moderation.CaseGrant hat",
    "moderation.Departure brin dependance work certificate seal",
    "moderation.KindNote hat",
    "moderation.Letter template",
    "moderation.PromiseCheck key",
}
"""Keys, kinds and sums: nobody wrote them."""

BY_CHOICE = {"groups.Guardianship level"}
"""Of the fields with a fixed set of words, the one that must not be read."""
SHEET = "style"
"""The page of components shows the words for authority, about nobody; a demo alone has it."""
OFTEN = ("father", "other_parent", "teacher", "case_officer")
"""Whose pages every run draws: of each way in somebody. The night draws everybody's."""


class Field(NamedTuple):
    model: type[models.Model]
    name: str

    def __str__(self) -> str:
        return f"{self.model._meta.label} {self.name}"


def fields() -> list[Field]:
    """Every field of a table of ours that can hold words."""
    kinds = (models.CharField, models.TextField, models.JSONField, models.BinaryField)
    ours = [one for one in apps.get_models() if one.__module__.split(".")[0] in our_packages() and not one._meta.proxy]
    found = [(one, field) for one in ours for field in one._meta.local_concrete_fields if isinstance(field, kinds)]
    every = [(Field(one, field.name), bool(field.choices)) for one, field in found]
    return [field for field, by_choice in every if not by_choice or str(field) in BY_CHOICE]


def declared() -> list[str]:
    lists = [*WHERE_IT_STANDS, *NO_WORDS, *OWN_TESTS, *ADDRESSES, *AUDIENCE]
    return [f"{model} {name}" for model, *names in map(str.split, lists) for name in names]


def test_every_field_has_a_declared_audience_once() -> None:
    assert sorted(declared()) == sorted(map(str, fields()))


def test_the_tests_that_are_named_are_there(request: pytest.FixtureRequest) -> None:
    missing = [path for path in OWN_TESTS.values() if not (request.config.rootpath / path).is_file()]
    assert missing == []


@pytest.fixture(scope="module")
def canaries(standing: Standing) -> Iterator[tuple[dict[str, str], list[Visit]]]:
    """A canary in each field of `AUDIENCE`, and every page there is; what is written is undone with the scene."""
    with transaction.atomic():
        visits = visits_of(standing)
        _let_tables_be_changed()
        tokens = {f"geheim{number:02d}x": str(field) for number, field in enumerate(_for_few())}
        for token, field in zip(tokens, _for_few(), strict=True):
            if str(field) not in BY_CHOICE:
                field.model._default_manager.update(**{field.name: token})
        yield tokens, visits
        transaction.set_rollback(True)


def _for_few() -> list[Field]:
    return [field for field in fields() if str(field) in AUDIENCE]


def _let_tables_be_changed() -> None:
    """Rows of the dossier are never changed; a test that puts canaries in them first takes their triggers away."""
    tables = {field.model._meta.db_table for field in _for_few()}
    with connection.cursor() as cursor:
        for trigger in triggers.expected(connection.vendor):
            if trigger.table in tables:
                cursor.execute(triggers._drop(connection.vendor, trigger))


@pytest.fixture
def said_of_authority(canaries: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The words for who has authority are a canary too, in whatever template they stand."""
    [token] = [token for token, field in canaries[0].items() if field in BY_CHOICE]
    with translation.override("en"):
        said = [str(level.label) for level in Level]
    for words in trans_real.translation("nl")._catalog._catalogs:  # type: ignore[attr-defined]
        for one in said:
            monkeypatch.setitem(words, one, token)
    _forget_templates()  # they remember their words
    yield
    _forget_templates()


def _forget_templates() -> None:
    for loader in engines["django"].engine.template_loaders:  # type: ignore[attr-defined]
        loader.reset()


@pytest.mark.usefixtures("said_of_authority")
def test_the_directie_does_read_what_is_searched_for(standing: Standing, canaries: Any, settings: Any) -> None:
    """Or the search would find nothing whatever a page shows."""
    settings.KRING_SECOND_FACTOR = False
    tokens, _ = canaries
    row = standing.cast.guardianship("mother", "Noor")
    page = client_of(standing.cast, "directie").get(reverse("groups:guardianship", args=[row.uid])).content.decode()
    found = {tokens[one] for one in re.findall(r"geheim\d\dx", page)}
    assert {"groups.Guardianship level", "groups.Guardianship evidence", "groups.Child last_name"} <= found


@pytest.mark.usefixtures("said_of_authority")
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in OFTEN else pytest.mark.nightly) for name in SIGNED_IN]
)
def test_nobody_reads_a_field_that_is_not_theirs(
    standing: Standing, canaries: tuple[dict[str, str], list[Visit]], name: str, settings: Any
) -> None:
    settings.KRING_SECOND_FACTOR = False
    tokens, visits = canaries
    client, read, opened = client_of(standing.cast, name), set(), 0
    for visit in visits:
        if visit.name == name and visit.route != SHEET and (visit.route[:8] != "account_" or name == "mother"):
            with transaction.atomic():
                response = client.get(visit.url)
                body = b"".join(response.streaming_content) if response.streaming else response.content
                transaction.set_rollback(True)
            opened += response.status_code == 200
            page = body.decode("utf-8", "replace")
            read |= {(visit.page, tokens[found]) for found in re.findall(r"geheim\d\dx", page)}
            of_others = {found for found in re.findall(r"(\w+)@cast\.example", page) if found != name}
            read |= {(visit.page, f"address of {found}") for found in of_others if name not in LETS_IN}
    assert opened > 3
    allowed = {field for field, readers in AUDIENCE.items() if name in readers}
    assert {one for one in read if one[1] not in allowed} == set()
