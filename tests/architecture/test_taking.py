"""What takes something away is in the journal: said beside the rows, or it is said here why not (docs/adr/0055).

A new table, a new moment, yes or no, word of a few, or reference that may be empty fails here until somebody said
which it is.
"""

import pytest
from django.apps import apps
from django.db import connection, models, transaction

from portal.core import access, triggers
from portal.core.models import JournalLine, User
from portal.core.taking import taken_of
from tests.architecture.test_layers import said
from tests.layers import APPS, ROOT
from tests.rows import account

LEFT_AGAIN = "what it is about is taken away itself"
ENDED = "all of them are ended by a restore"
ADDED = "rows only add: nothing is hidden or ended by one"
MACHINE = "work of the machine, in hand for minutes"
SETTING = "how a school wants it; nobody reads more by the older choice"
BY_ITSELF = "goes at its moment by itself, also after a restore"
NOTHING = {
    "account.EmailConfirmation": "not used: codes are rows of ours",
    "agenda.EventGroup": ADDED,
    "auth.Group": "not used",
    "auth.Permission": "made by migrate",
    "consent.ConsentRound": ADDED,
    "consent.PaperForm": "its answers are decisions",
    "consent.PurposeText": ADDED,
    "consent.RoundPurpose": ADDED,
    "contenttypes.ContentType": "made by migrate",
    "core.AuditEvent": ADDED,
    "core.Code": ENDED,
    "core.DecodingTurn": MACHINE,
    "core.DossierPayload": "goes with a certificate, which is a dossier entry",
    "core.JournalLine": "is the journal",
    "core.KnownPlace": ENDED,
    "core.Submission": MACHINE,
    "core.TakenTries": MACHINE,
    "core.VitalSign": MACHINE,
    "groups.Foundation": SETTING,
    "groups.Group": "its rights follow from enrolments and tasks",
    "groups.Holiday": SETTING,
    "groups.LeftStep": SETTING,
    "groups.SchoolYear": SETTING,
    "groups.Telling": "told to one person, who may read it again; over its term it goes by itself",
    "groups.TellingAnswer": ADDED,
    "guardian.GroupObjectPermission": "not used",
    "guardian.UserObjectPermission": "not used",
    "messaging.ClearedPhone": ADDED,
    "messaging.DigestEdition": "its mails are rows of the outbox",
    "messaging.DigestItem": "its mails are rows of the outbox",
    "messaging.EventSeat": "follows from the answers",
    "messaging.FollowedRefusal": "the refusal is a decision; it is followed anew",
    "messaging.HandinStep": ADDED,
    "messaging.ImageDeclaration": ADDED,
    "messaging.PhoneCall": "added; a tick by mistake that comes back is seen and ticked off once more",
    "messaging.Seen": ADDED,
    "messaging.ThreadStep": ADDED,
    "messaging.Upload": BY_ITSELF,
    "messaging.UrgentMessage": ADDED,
    "messaging.VoteTally": "a moment beside each would say whose it is",
    "messaging.Voter": "a moment beside each would say what was chosen",
    "messaging.WritingVersion": LEFT_AGAIN,
    "moderation.AccessCopy": ADDED,
    "moderation.Acknowledgement": ADDED,
    "moderation.BulkItem": "its act is finished",
    "moderation.Destruction": "its certificate is a dossier entry",
    "moderation.DossierReading": ADDED,
    "moderation.DossierTerms": SETTING,
    "moderation.EvaluationRemark": "a moment beside each would say whose it is",
    "moderation.EvaluationTaker": "a moment beside each would say whose words came when",
    "moderation.EvaluationTally": "a moment beside each would say whose words came when",
    "moderation.FrequencyNorms": SETTING,
    "moderation.FrequencyWeek": "counted anew",
    "moderation.KindNote": ADDED,
    "moderation.Letter": ADDED,
    "moderation.Measure": "what it limits is a restriction",
    "moderation.PromiseCheck": "counted anew",
    "moderation.Protocol": ADDED,
    "moderation.Report": ADDED,
    "sessions.Session": ENDED,
    "usersessions.UserSession": ENDED,
}
"""Tables of which nothing has to be taken away again, each with its reason."""

NOT_THESE = {
    "account.EmailAddress": {"primary"},
    "agenda.CalendarAddress": {"hat"},
    "agenda.Event": {"changed_at", "repeats", "worded_at"},
    "consent.ConsentRules": {"name_at_edge"},
    "consent.Decision": {"adult", "caregiver", "child", "claim", "paper", "way"},
    "consent.Reluctance": {"ended_at", "ended_by"},
    "core.OutboxItem": {"claimed_at", "expires_at", "failing_since", "was_uncertain"},
    "core.User": {"is_superuser", "last_login", "passkey_offered_at"},
    "groups.Caregiver": {"email_changed_at"},
    "groups.Child": {"birth_on"},
    "groups.Claim": {"card_due", "how", "letter", "settled_by", "settles_at"},
    "groups.ContactChoice": {"kind"},
    "groups.CouncilSeat": {"caregiver", "staff"},
    "groups.Guardianship": {"level"},
    "groups.Invitation": {"child", "guardianship", "made_by", "staff"},
    "groups.Restriction": {"ended_by", "kind", "talk_until", "valid_until"},
    "groups.RosterUpload": {"claimed_at", "confirmed_by", "leavers_confirmed"},
    "groups.School": {"digest_weekday", "looked_over_at", "opened_at", "region", "teachers_moderate"},
    "groups.Shield": {"lifted_by", "valid_until"},
    "groups.StaffAssignment": {"from_roster", "given_at", "group", "role"},
    "groups.StaffMember": {
        *("display_name_chosen", "email_by", "email_changed_at", "function_chosen", "settles_at", "told_at"),
    },
    "messaging.AskAnswer": {"answer"},
    "messaging.Depiction": {"adult", "child"},
    "messaging.FollowUp": {"ended_by", "waits_since"},
    "messaging.Handin": {"council", "kind"},
    "messaging.Image": {"marking"},
    "messaging.KeptText": {"hat"},
    "messaging.Participation": {"came", "caregiver", "group", "staff"},
    "messaging.Thread": {"hat"},
    "messaging.Writing": {
        *("answer_by", "ask", "ask_on", "asked_anew_at", "editable_until", "edited_at", "group", "hat"),
        *("hidden_first_at", "is_anonymous", "is_essential", "kind", "post", "published_at", "replies", "reported_at"),
        *("shown_again_at", "takes_more", "thread", "to_staff", "topic"),
    },
    "mfa.Authenticator": {"last_used_at", "type"},
    "moderation.AccessPassage": {"ground"},
    "moderation.AccessRequest": {
        *("against_directie", "asker", "child", "handed_on", "handing", "means", "prepared_by", "side"),
    },
    "moderation.BulkAct": {"claimed_at", "kind", "verb"},
    "moderation.Departure": {"certified_at"},
    "moderation.Case": {"against_directie", "child", "group", "is_untrue", "photo", "side", "writing"},
}
"""Fields of the others that may change without taking anything away."""


def concrete() -> list[type[models.Model]]:
    derived = {one.rows for one in access._projections.values()}
    return [one for one in apps.get_models() if not one._meta.proxy and one not in derived]


def may_take(column: models.Field) -> bool:
    """A moment or a reference that may be set or emptied, a yes or no, one of a few words."""
    of_a_kind = isinstance(column, models.DateField | models.ForeignKey) and column.null
    return of_a_kind or isinstance(column, models.BooleanField) or bool(column.choices)


def test_every_table_says_what_takes_away() -> None:
    silent = {one._meta.label for one in concrete() if taken_of(one) is None}
    assert silent == set(NOTHING)


def test_every_change_that_may_take_away_is_looked_at() -> None:
    open_ones = {}
    for model in concrete():
        if taken := taken_of(model):
            known = {*taken.watched, *taken.keeps, *taken.replaced}
            left = {one.name for one in model._meta.concrete_fields if may_take(one)} - known
            if left:
                open_ones[model._meta.label] = left
    assert open_ones == NOT_THESE


def test_whoever_deletes_is_in_the_journal_or_goes_by_itself() -> None:
    """A row that a person removed is there again in a backup."""
    removing = {
        said(path)
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and ".delete()" in path.read_text()
    }
    assert removing == {
        "agenda/events/services/events.py",  # what was over a year ago goes by itself
        "agenda/feeds/services/addresses.py",  # in the journal
        "groups/accounts/services/second_step.py",  # keys of a library: in the journal
        "groups/accounts/services/sessions.py",  # after a restore there is none
        "groups/first_day/services/steps.py",  # a step that was left is asked for again
        "groups/letters/services/people.py",  # accounts: in the journal
        "groups/schools/services.py",  # a holiday: a setting
        "groups/told/services.py",  # what is over its term goes by itself
        "messaging/asks/services/answering.py",  # answers: in the journal
        "messaging/asks/services/coming.py",  # places: of answers, which are in the journal
        "messaging/asks/services/helping.py",  # helpers: in the journal
        "messaging/asks/services/voting.py",  # votes: with the question that they were about
        "messaging/keeping/services.py",  # unsent texts: in the journal
        "messaging/photos/services/images.py",  # photos: in the journal; uploads: by themselves
        "messaging/urgent/services/following.py",  # what was asked of another day: it is followed anew
        "messaging/urgent/services/reach.py",  # a tick that somebody was phoned
        "moderation/access_requests/services/access_requests.py",  # passages: in the journal
        "moderation/dossier/services/dossier.py",  # a proposal that was taken back: nothing is destroyed by it
        "moderation/kind_words/services/words.py",  # in the journal; opening it again gives back
        "moderation/leaving/services/again.py",  # a proposal, for the decision that it became
        "moderation/leaving/services/deciding.py",  # a proposal that was taken back: the school is not deleted by it
        "moderation/leaving/services/erasing.py",  # in the journal as its departure
        "moderation/restoring/services.py",  # the sessions
        "moderation/rules/services/evaluations.py",  # remarks are shuffled
        "moderation/rules/services/protocols.py",  # drafts: in the journal
        "portal/core/access.py",  # derived
        "portal/core/codes.py",  # ended
        "portal/core/dossier.py",  # with a certificate
        "portal/core/journal.py",  # as old as a backup
        "portal/core/media/turns.py",
        "portal/core/phones/devices.py",  # in the journal
        "portal/core/places.py",
        "portal/core/replaying.py",
        "portal/core/tasks.py",
        "portal/core/tries.py",
    }


@pytest.mark.django_db
def test_the_line_is_of_the_same_transaction_and_holds_no_words() -> None:
    """By a statement of hand too: no service has to remember it."""
    user = account("weg@elders.example")
    before = JournalLine.objects.count()
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=False)
        assert JournalLine.objects.count() == before + 1
        transaction.set_rollback(True)
    assert JournalLine.objects.count() == before
    with connection.cursor() as cursor:
        known = [user.pk]
        cursor.execute("UPDATE core_user SET is_active = false, email = 'nieuw@elders.example' WHERE id = %s", known)
    lines = JournalLine.objects.filter(key=str(user.pk))
    assert {line.act for line in lines} == {"taken", "replaced email"}
    assert not any("@" in str(line.said) for line in JournalLine.objects.all())


def test_no_text_that_somebody_typed_is_kept() -> None:
    """Kinds of columns, and a few named ones that hold no words of a person."""
    texts = {
        f"{model._meta.label}.{name}"
        for model in concrete()
        if taken_of(model)
        for act in triggers._acts(model, {True: "1", False: "0"})
        for name in act.columns
        for column in model._meta.concrete_fields
        if column.column == name and isinstance(column, models.CharField | models.TextField) and not column.choices
    }
    assert texts == {
        "core.DossierEntry.hash",
        "core.DossierEntry.subject_kind",
        "core.OutboxItem.dedupe_key",
        "core.OutboxItem.kind",
        "core.OutboxItem.subject_kind",
    }
