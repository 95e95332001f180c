"""Every route × every person → status: a literal table, to be read as the specification.

404: may not know that it exists. 403: sees it, but has not this power. 422: may, but the form is not filled in.
A stranger is sent to sign in everywhere, except on the routes of `PUBLIC`.
"""

import pickle
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponseNotFound
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

import portal.urls
from consent.asking.domain.purposes import IMAGES
from consent.asking.services.starting import start_consent
from consent.models import ConsentRound, ConsentRules, PaperForm, Purpose
from consent.rounds.services.rounds import open_round
from groups.letters.services.claims import not_me_token
from groups.letters.services.invitations import LIFETIME
from groups.models import Claim, Guardianship, Invitation, RosterUpload, School, Telling, TellingAnswer, UploadState
from groups.people.services.guardianships import end_guardianship
from groups.people.services.unsubscribing import unsubscribe_token
from groups.roles import Hat
from messaging.asks.services.links import answer_token
from messaging.models import DigestEdition, Placement, UrgentMessage
from messaging.posts.services.replies import publish_reply
from messaging.removing.services.removal import remove_written
from messaging.writings.services.read_links import read_token
from moderation.desk.services.bulk import begin_act
from moderation.dossier.services.dossier import open_copy
from moderation.kind_words.services.words import set_kind_words
from moderation.models import (
    AccessRequest,
    AccessRequestGrant,
    Acknowledgement,
    Case,
    Departure,
    Destruction,
    DossierPiece,
    Evaluation,
    Protocol,
)
from moderation.rules.querysets.protocols import people_of
from moderation.rules.services.evaluations import open_evaluation
from moderation.rules.services.protocols import start_draft
from portal.core import access
from portal.core.actor import Actor
from portal.core.checks import our_packages
from portal.core.domain import chain
from portal.core.media import storage
from portal.core.media.decoding import Rendition
from portal.core.models import PushDevice, User
from tests import rows
from tests.cast import FAMILY, NAMES, ONE_OF_EACH, PEOPLE, SIGN_IN, STAFF, Cast
from tests.messaging.talk import named_in
from tests.moderation.reporting import reported
from tests.moderation.ruling import EVERYBODY, in_force
from tests.permissions.conftest import Standing
from tests.scene import Scene
from tests.share import is_shared

OK, MOVED, REFUSED, MISSING, CONFLICT, INVALID, GONE_BY = 200, 302, 403, 404, 409, 422, 204
LOGIN = "sign in"
SIGNED_IN = [name for name in PEOPLE if name != "inactive"]

READS_5 = ["other_parent", "parent_of_two", "council_member"]
STAFF_5 = ["teacher_who_is_parent", "directie"]
LINDE_FAMILY = [*FAMILY, "other_parent", "council_member"]
LINDE_STAFF = [*STAFF, "teacher_who_is_parent", "colleague", "editor"]
ELSEWHERE_STAFF = ["teacher_elsewhere", "directie_elsewhere"]
TEAM_BUT_TEACHER = [name for name in [*LINDE_STAFF, "ict", "case_officer"] if name != "teacher"]
WRITERS = [*LINDE_STAFF, *ELSEWHERE_STAFF]
"""Who has somewhere to write in the staff hat: a class, the team or the whole school."""

Expected = dict[int | str, Iterable[str]]
Pick = Callable[[Cast, Scene], Any]


IN_FAMILY = [*LINDE_FAMILY, "parent_elsewhere"]
IN_NO_GROUP = [name for name in SIGNED_IN if name not in {*IN_FAMILY, *WRITERS}]
"""Signed in and in no group now: an empty feed in the family hat says so."""
OPERATORS = ["ict", "case_officer"]
"""Who works for a school without being in a group of it."""


class Row(NamedTuple):
    """One route, one method, one object; everybody not named gets 404."""

    name: str
    method: str
    route: str
    args: Pick
    expected: Expected
    data: Pick = lambda cast, scene: {}
    query: str = ""


def post_row(
    route: str, hat: str, which: str, expected: Expected, *, method: str = "GET", number: int | None = None, **more: Any
) -> Row:
    """One post, reply, message or conversation of the scene; `number` is that of a photo in it."""
    behind = [] if number is None else [number]
    name = " ".join(map(str, [method, route, hat, which, *behind]))
    return Row(
        name,
        method,
        f"messaging:{route}",
        lambda cast, scene: [hat, getattr(scene, which).uid, *behind],
        expected,
        **more,
    )


def group_row(hat: str, key: str, expected: Expected, school: str = "99CA") -> Row:
    name = f"GET group {hat} {school} {key}"
    return Row(name, "GET", "messaging:group", lambda cast, scene: [hat, cast.group(key, school).uid], expected)


def key(*_: Any) -> str:
    return str(uuid4())


def answer(cast: Cast, scene: Scene) -> dict[str, str]:
    return {"text": "Dank je wel", "shown": "all", "submission_key": key()}


def said_in(talk: str) -> Callable[[Cast, Scene], dict[str, str]]:
    """What a form sends from the page of this conversation, opened just now."""
    return lambda cast, scene: {"text": "Dank je wel", "shown": named_in(getattr(scene, talk), now=timezone.now())}


def yes(cast: Cast, scene: Scene) -> dict[str, str]:
    return {"answer": "yes", "on": str(scene.post_to_teacher.ask_on)}


def answer_row(method: str, whose: str, expected: Expected) -> Row:
    """The link in a mail to `whose`: who holds it may answer that one question, signed in or not."""

    def token(cast: Cast, scene: Scene) -> list[Any]:
        post = scene.post_to_teacher
        return [answer_token(user=cast.user(whose), post=post.uid, ask_on=post.ask_on)]

    route = "messaging:answer_by_mail"
    return Row(f"{method} answer_by_mail of {whose}", method, route, token, expected, yes)


YES: dict[str, Any] = {"method": "POST", "data": yes}
ANSWERS_4 = [name for name in FAMILY if name != "admitted_reader"]

MESSAGING = [
    Row("GET feed family", "GET", "messaging:feed", lambda c, s: ["family"], {OK: [*IN_FAMILY, *IN_NO_GROUP]}),
    Row("GET feed staff", "GET", "messaging:feed", lambda c, s: ["staff"], {OK: WRITERS}),
    group_row("family", "G4", {OK: FAMILY}),
    group_row("staff", "G4", {OK: STAFF}),
    group_row("family", "G5", {OK: READS_5}),
    group_row("staff", "G5", {OK: STAFF_5}),
    group_row("family", "@school", {OK: LINDE_FAMILY}),
    group_row("staff", "@school", {OK: LINDE_STAFF}),
    group_row("staff", "@staff", {OK: LINDE_STAFF}),
    group_row("family", "@staff", {}),
    group_row("family", "@mr", {OK: ["council_member"]}),
    group_row("staff", "@mr", {OK: ["directie"]}),
    group_row("family", "G4", {OK: ["parent_elsewhere"]}, school="99CB"),
    group_row("staff", "G4", {OK: ELSEWHERE_STAFF}, school="99CB"),
    post_row("post", "family", "post", {OK: FAMILY}),
    post_row("post", "staff", "post", {OK: STAFF}),
    post_row("post", "family", "post_groep_5", {OK: READS_5}),
    post_row("post", "staff", "post_groep_5", {OK: STAFF_5}),
    post_row("post", "family", "post_whole_school", {OK: LINDE_FAMILY}),
    post_row("post", "staff", "post_whole_school", {OK: LINDE_STAFF}),
    post_row("post", "family", "post_hidden", {}),
    post_row("post", "staff", "post_hidden", {OK: STAFF}),
    post_row("post", "family", "post_to_come", {}),
    post_row("post", "staff", "post_to_come", {OK: STAFF}),
    post_row("post", "family", "post_to_come", {}, method="POST", data=answer),
    post_row("answer", "family", "post_to_teacher", {MOVED: ANSWERS_4, REFUSED: ["admitted_reader"]}, **YES),
    post_row("answer", "staff", "post_to_teacher", {}, **YES),
    post_row("answer", "family", "post", {MOVED: FAMILY}, **YES),
    post_row("answer", "family", "post_hidden", {}, **YES),
    post_row("answer", "family", "post_to_come", {}, **YES),
    post_row("answer", "family", "post_elsewhere", {MOVED: ["parent_elsewhere"]}, **YES),
    post_row("answers", "staff", "post_to_teacher", {OK: STAFF}),
    post_row("answers", "family", "post_to_teacher", {}),
    post_row("answers", "staff", "post", {}),
    post_row("answers_csv", "staff", "post_to_teacher", {OK: STAFF}, method="POST"),
    post_row("answers_csv", "family", "post_to_teacher", {}, method="POST"),
    post_row("answers_csv", "staff", "post", {}, method="POST"),
    answer_row("GET", "mother", {OK: NAMES}),
    answer_row("POST", "mother", {MOVED: NAMES}),
    answer_row("GET", "admitted_reader", {OK: NAMES}),
    answer_row("POST", "admitted_reader", {INVALID: NAMES}),
    answer_row("GET", "parent_elsewhere", {410: NAMES}),
    Row("GET answer_by_mail with another token", "GET", "messaging:answer_by_mail", lambda c, s: ["x"], {}),
    post_row("call_back", "family", "post_to_come", {}, method="POST"),
    post_row(
        "call_back", "staff", "post_to_come", {MOVED: ["teacher"], REFUSED: ["substitute", "directie"]}, method="POST"
    ),
    post_row("call_back", "family", "post", {REFUSED: FAMILY}, method="POST"),
    post_row("post", "family", "post_retracted", {}),
    post_row("post", "staff", "post_retracted", {}),
    post_row("post", "staff", "post_elsewhere", {OK: ELSEWHERE_STAFF}),
    post_row("post", "family", "post_elsewhere", {OK: ["parent_elsewhere"]}),
    post_row(
        "post",
        "family",
        "post",
        {MOVED: [n for n in FAMILY if n != "admitted_reader"], REFUSED: ["admitted_reader"]},
        method="POST",
        data=answer,
    ),
    post_row("post", "staff", "post", {MOVED: STAFF}, method="POST", data=answer),
    post_row("post", "family", "post_whole_school", {REFUSED: LINDE_FAMILY}, method="POST", data=answer),
    post_row("post", "family", "post_elsewhere", {MOVED: ["parent_elsewhere"]}, method="POST", data=answer),
    post_row("edit", "staff", "post", {OK: ["teacher"], REFUSED: ["substitute", "directie"]}),
    post_row("edit", "family", "post", {REFUSED: FAMILY}),
    post_row("edit", "staff", "post", {INVALID: ["teacher"], REFUSED: ["substitute", "directie"]}, method="POST"),
    post_row("retract", "staff", "post", {MOVED: ["teacher"], REFUSED: ["substitute", "directie"]}, method="POST"),
    post_row("retract", "family", "post", {REFUSED: FAMILY}, method="POST"),
    post_row("hide", "staff", "post", {MOVED: STAFF}, method="POST", data=lambda c, s: REASON),
    post_row("hide", "family", "post", {REFUSED: FAMILY}, method="POST"),
    post_row("hide", "staff", "post_groep_5", {MOVED: STAFF_5}, method="POST", data=lambda c, s: REASON),
    post_row(
        "hide",
        "staff",
        "post_whole_school",
        {
            MOVED: ["directie"],
            REFUSED: [n for n in LINDE_STAFF if n != "directie"],
        },
        method="POST",
        data=lambda c, s: REASON,
    ),
    post_row("show", "staff", "post_hidden", {MOVED: ["directie"], REFUSED: ["teacher", "substitute"]}, method="POST"),
    post_row("show", "family", "post_hidden", {}, method="POST"),
    post_row("edit_reply", "family", "reply", {REFUSED: FAMILY}),
    post_row("edit_reply", "staff", "reply", {REFUSED: STAFF}),
    post_row(
        "retract_reply",
        "family",
        "reply",
        {
            MOVED: ["mother"],
            REFUSED: [n for n in FAMILY if n != "mother"],
        },
        method="POST",
    ),
    post_row("retract_reply", "staff", "reply", {REFUSED: STAFF}, method="POST"),
    post_row("retract_reply", "family", "reply_to_teacher", {MOVED: ["mother"]}, method="POST"),
    post_row("hide_reply", "staff", "reply", {MOVED: STAFF}, method="POST", data=lambda c, s: REASON),
    post_row("hide_reply", "family", "reply", {REFUSED: FAMILY}, method="POST"),
    post_row("hide_reply", "staff", "reply_to_teacher", {MOVED: STAFF}, method="POST", data=lambda c, s: REASON),
    post_row(
        "hide_reply", "staff", "reply_elsewhere", {MOVED: ELSEWHERE_STAFF}, method="POST", data=lambda c, s: REASON
    ),
    post_row(
        "show_reply", "staff", "reply_hidden", {MOVED: ["directie"], REFUSED: ["teacher", "substitute"]}, method="POST"
    ),
    post_row("show_reply", "family", "reply_hidden", {REFUSED: ["parent_of_two"]}, method="POST"),
    Row("GET compose staff", "GET", "messaging:compose", lambda c, s: ["staff"], {OK: WRITERS}),
    Row("GET compose family", "GET", "messaging:compose", lambda c, s: ["family"], {OK: ["council_member"]}),
    Row("GET share", "GET", "messaging:share", lambda c, s: [], {MOVED: SIGNED_IN}),
    Row("POST share", "POST", "messaging:share", lambda c, s: [], {MOVED: SIGNED_IN}),
    Row("POST keep text", "POST", "messaging:keep_text", lambda c, s: ["staff", "compose"], {OK: SIGNED_IN}),
    Row("POST keep text of no form", "POST", "messaging:keep_text", lambda c, s: ["staff", "iets"], {}),
    Row("POST compose staff", "POST", "messaging:compose", lambda c, s: ["staff"], {INVALID: WRITERS}),
    Row("POST compose family", "POST", "messaging:compose", lambda c, s: ["family"], {INVALID: ["council_member"]}),
    Row("GET audience staff", "GET", "messaging:audience", lambda c, s: ["staff"], {OK: WRITERS}),
    Row("GET audience family", "GET", "messaging:audience", lambda c, s: ["family"], {OK: ["council_member"]}),
    Row("POST seen", "POST", "messaging:seen", lambda c, s: [], {GONE_BY: SIGNED_IN}),
    Row(
        "POST seen a foreign post",
        "POST",
        "messaging:seen",
        lambda c, s: [],
        {GONE_BY: SIGNED_IN},
        data=lambda c, s: {"uid": str(s.post_elsewhere.uid)},
    ),
]


PARENTS = ["mother", "father", "parent_of_two", "teacher_who_is_parent", "other_parent", "council_member",
           "parent_elsewhere"]  # fmt: skip
"""With authority over a child who is in a group now: who has conversations in the family hat."""
TEACHERS = ["teacher", "substitute", "teacher_who_is_parent", "teacher_elsewhere"]
DIRECTIES = ["directie", "directie_elsewhere"]

TALK = [
    Row("GET threads family", "GET", "messaging:threads", lambda c, s: ["family"], {OK: PARENTS}),
    Row("GET threads staff", "GET", "messaging:threads", lambda c, s: ["staff"], {OK: WRITERS}),
    Row("GET new thread", "GET", "messaging:new_thread", lambda c, s: ["family"], {OK: [*PARENTS, "future_parent"]}),
    Row("GET new thread staff", "GET", "messaging:new_thread", lambda c, s: ["staff"], {OK: TEACHERS}),
    Row(
        "POST new thread, one child is chosen and nothing written",
        "POST",
        "messaging:new_thread",
        lambda c, s: ["family"],
        {INVALID: [n for n in [*PARENTS, "future_parent"] if n != "parent_of_two"], OK: ["parent_of_two"]},
    ),
    Row(
        "GET new thread elsewhere", "GET", "messaging:new_thread", lambda c, s: ["staff"], {}, query=f"?kind={uuid4()}"
    ),
    post_row("thread", "family", "talk_both", {OK: ["mother", "father"]}),
    post_row("thread", "staff", "talk_both", {OK: ["teacher"]}),
    post_row("thread", "family", "talk_both", {MOVED: ["mother", "father"]}, method="POST", data=said_in("talk_both")),
    post_row("thread", "staff", "talk_both", {MOVED: ["teacher"]}, method="POST", data=said_in("talk_both")),
    post_row("thread", "family", "talk_mother", {OK: ["mother"]}),
    post_row("thread", "staff", "talk_mother", {OK: ["teacher"]}),
    post_row("thread", "family", "talk_mother", {MOVED: ["mother"]}, method="POST", data=said_in("talk_mother")),
    post_row("thread", "family", "talk_jet", {OK: ["teacher_who_is_parent"]}),
    post_row("thread", "staff", "talk_jet", {OK: ["teacher"]}),
    post_row("thread", "family", "talk_elsewhere", {OK: ["parent_elsewhere"]}),
    post_row("thread", "staff", "talk_elsewhere", {OK: ["teacher_elsewhere"]}),
    post_row("edit_message", "family", "said_by_mother", {REFUSED: ["mother"]}),
    post_row("edit_message", "staff", "said_by_mother", {REFUSED: ["teacher"]}),
    post_row("edit_message", "family", "said_by_teacher", {REFUSED: ["mother", "father"]}, method="POST"),
    post_row("retract_message", "family", "said_by_mother", {OK: ["mother"]}),
    post_row("retract_message", "family", "said_by_mother", {MOVED: ["mother"]}, method="POST"),
    post_row("retract_message", "staff", "said_by_mother", {REFUSED: ["teacher"]}, method="POST"),
    post_row("retract_message", "family", "said_by_teacher", {REFUSED: ["mother", "father"]}, method="POST"),
    post_row("retract_message", "staff", "said_by_teacher", {MOVED: ["teacher"]}, method="POST"),
    post_row("retract_message", "staff", "said_elsewhere", {REFUSED: ["teacher_elsewhere"]}, method="POST"),
    *(
        Row(
            f"POST messages seen {hat}",
            "POST",
            "messaging:messages_seen",
            lambda c, s, hat=hat: [hat],
            {GONE_BY: SIGNED_IN},
            data=lambda c, s: {"uid": str(s.said_by_mother.uid)},
        )
        for hat in ("family", "staff")
    ),
]


def guardianship_row(route: str, expected: Expected, *more: str, method: str = "GET", **form: Any) -> Row:
    """Noor's mother, as the directie of a school meets her."""
    name = " ".join([method, route, *more])
    return Row(
        name,
        method,
        f"groups:{route}",
        lambda cast, scene: [cast.guardianship("mother", "Noor").uid, *more],
        expected,
        lambda cast, scene: form,
    )


def shield_row(method: str, child: str, expected: Expected, **form: Any) -> Row:
    return Row(
        f"{method} shield {child} {len(form)}",
        method,
        "groups:shield",
        lambda cast, scene: [cast.child(child).uid],
        expected,
        lambda cast, scene: form,
    )


def pupil_row(method: str, expected: Expected, **form: Any) -> Row:
    """Tess, who is in; she has no letter."""
    return Row(
        f"{method} pupil {len(form)} {form.get('act', '')}",
        method,
        "groups:pupil",
        lambda cast, scene: [cast.child("Tess").uid],
        expected,
        lambda cast, scene: form,
    )


def signature_row(route: str, method: str, expected: Expected) -> Row:
    """The name of the teacher of groep 4."""
    return Row(
        f"{method} {route}",
        method,
        f"groups:{route}",
        lambda cast, scene: [cast.teacher.staff_records.get().uid],
        expected,
        lambda cast, scene: {"display_name": "juf Anna", "function": "leerkracht groep 4", "version": "1"},
    )


def phone_of(user: User) -> PushDevice:
    """On which this person is told."""
    made = {"user": user, "session_key": "s", "p256dh": "", "auth": "", "kept_at": timezone.now()}
    return PushDevice.objects.get_or_create(endpoint=f"https://push.example/{user.pk}", defaults=made)[0]


def unsubscribe_link(cast: Cast, scene: Scene) -> list[Any]:
    """The link in a mail to Noor's mother: who holds it may stop that mail, signed in or not."""
    return [unsubscribe_token(user=cast.mother, school=cast.linde)]


def urgent(cast: Cast, scene: Scene) -> UUID:
    """A message of the scene was urgent."""
    UrgentMessage.objects.get_or_create(post=scene.post, defaults={"reason": "Storm."})
    return scene.post.uid


def read_link(whose: str) -> Pick:
    """The link in the mail to `whose` about it: who holds it may say that it was read, signed in or not."""
    return lambda cast, scene: [read_token(user=cast.user(whose), post=urgent(cast, scene))]


def arrival(cast: Cast, scene: Scene) -> Claim:
    """Somebody came in by letter as a third adult of Noor, and nobody knows this person yet."""
    known = Claim.objects.filter(how="letter").first()
    if known:
        return known
    now = timezone.now()
    adult = rows.caregiver(cast.linde, "Brief")
    row = rows.guardianship(adult, cast.child("Noor"), since=now)
    made = {"made_by": cast.directie, "made_at": now, "expires_at": now + LIFETIME, "state": "used"}
    came = {"user": cast.user("operator"), "claimed_at": now, "settles_at": now + timedelta(days=5)}
    letter = Invitation.objects.create(guardianship=row, **made)
    return Claim.objects.create(caregiver=adult, how="letter", letter=letter, **came)


def decided_on_paper(cast: Cast, scene: Scene) -> list[Any]:
    """An adult of Noor without an account, whom the directie refused."""
    found = Guardianship.objects.filter(caregiver__first_name="Papier").first()
    if found is None:
        found = rows.guardianship(rows.caregiver(cast.linde, "Papier"), cast.child("Noor"), level="without_authority")
        Guardianship.objects.filter(pk=found.pk).update(decided_by=cast.directie)
    return [found.uid]


def task_row(route: str, task: str, expected: Expected, *, method: str = "GET") -> Row:
    """A seat for Noor's mother, or a role for the teacher of groep 4."""

    def args(cast: Cast, scene: Scene) -> list[Any]:
        if route == "caregiver_task":
            return [cast.guardianship("mother", "Noor").uid, cast.group(task).uid]
        return [cast.teacher.staff_records.get().uid, task]

    return Row(f"{method} {route} {task}", method, f"groups:{route}", args, expected, lambda c, s: {"act": "give"})


NIL = "00000000-0000-0000-0000-000000000000"
BOTH_DIRECTIES = ["directie", "directie_elsewhere"]
ACCOUNTED = ["council_member", "case_officer"]
DECISIONS = ["toelaten", "meelezen", "weigeren", "contactverbod", "beeindigen"]


def roster_upload(cast: Cast, scene: Scene) -> list[Any]:
    """Files for the roster of the first school, looked at and not yet confirmed."""
    facts = {"uploaded_by": cast.directie, "uploaded_at": timezone.now(), "fingerprint": "f" * 64}
    found, _ = RosterUpload.objects.get_or_create(school=cast.linde, state=UploadState.PLANNED, defaults=facts)
    return [found.uid]


def roster_row(route: str, expected: Expected, *, method: str = "GET", **form: Any) -> Row:
    return Row(f"{method} {route}", method, f"groups:{route}", roster_upload, expected, lambda cast, scene: form)


ROSTER = [
    Row("GET roster", "GET", "groups:roster", lambda c, s: [], {OK: BOTH_DIRECTIES}),
    Row("POST roster", "POST", "groups:roster", lambda c, s: [], {INVALID: BOTH_DIRECTIES}),
    roster_row("roster_upload", {OK: ["directie"]}),
    roster_row("roster_progress", {GONE_BY: ["directie"]}),
    roster_row("confirm_roster", {MOVED: ["directie"]}, method="POST", shown="f" * 64),
    roster_row("withdraw_roster", {MOVED: ["directie"]}, method="POST"),
]

UNPROVED = ["pupil", "operator"]
"""Their address was never proved by a code: no second way in before the first."""

PEOPLE_AND_LETTERS = [
    Row(
        "GET home",
        "GET",
        "home",
        lambda c, s: [],
        {MOVED: [*IN_FAMILY, *WRITERS, *OPERATORS], OK: [n for n in IN_NO_GROUP if n not in OPERATORS]},
    ),
    Row("GET settings", "GET", "settings", lambda c, s: [], {OK: SIGNED_IN}),
    Row(
        "GET add passkey",
        "GET",
        "groups:add_passkey",
        lambda c, s: [],
        {OK: [n for n in SIGNED_IN if n not in UNPROVED], MOVED: UNPROVED},
    ),
    Row("POST no passkey", "POST", "groups:no_passkey", lambda c, s: [], {MOVED: SIGNED_IN}),
    Row("GET help", "GET", "groups:help", lambda c, s: [], {OK: SIGNED_IN}),
    Row("GET ask access at home", "GET", "moderation:ask_access", lambda c, s: [Hat.FAMILY], {OK: SIGNED_IN}),
    Row("GET ask access at school", "GET", "moderation:ask_access", lambda c, s: [Hat.STAFF], {OK: SIGNED_IN}),
    Row("POST ask access of no school", "POST", "moderation:ask_access", lambda c, s: [Hat.STAFF], {}),
    Row("GET complaints", "GET", "groups:complaints", lambda c, s: [], {OK: SIGNED_IN}),
    Row("GET letter", "GET", "groups:letter", lambda c, s: [], {OK: NAMES}),
    Row("POST letter", "POST", "groups:letter", lambda c, s: [], {INVALID: NAMES}, lambda c, s: {"code": ""}),
    Row("GET not me", "GET", "groups:not_me", lambda c, s: [not_me_token(arrival(c, s))], {OK: NAMES}),
    Row("GET not me with another token", "GET", "groups:not_me", lambda c, s: ["x"], {}),
    Row("POST not me with another token", "POST", "groups:not_me", lambda c, s: ["x"], {}),
    Row("GET know", "GET", "groups:know", lambda c, s: [arrival(c, s).uid], {OK: ["teacher", "substitute"]}),
    Row("POST know", "POST", "groups:know", lambda c, s: [arrival(c, s).uid], {MOVED: ["teacher", "substitute"]}),
    Row("GET school", "GET", "groups:school", lambda c, s: [], {OK: [*BOTH_DIRECTIES, "ict"]}),
    Row("POST school", "POST", "groups:school", lambda c, s: [], {INVALID: [*BOTH_DIRECTIES, "ict"]}),
    Row("GET weeks at home", "GET", "messaging:weeks", lambda c, s: [Hat.FAMILY], {OK: SIGNED_IN}),
    Row("GET weeks at school", "GET", "messaging:weeks", lambda c, s: [Hat.STAFF], {OK: SIGNED_IN}),
    Row("GET week at home", "GET", "messaging:week", lambda c, s: [Hat.FAMILY, week_of(c)], {OK: LINDE_FAMILY}),
    Row("GET week at school", "GET", "messaging:week", lambda c, s: [Hat.STAFF, week_of(c)], {OK: LINDE_STAFF}),
    Row("GET weekly", "GET", "messaging:weekly", lambda c, s: [], {OK: BOTH_DIRECTIES}),
    Row("POST weekly", "POST", "messaging:weekly", lambda c, s: [], {INVALID: BOTH_DIRECTIES}),
    Row("POST weekly trial", "POST", "messaging:weekly_trial", lambda c, s: [], {MOVED: BOTH_DIRECTIES}),
    Row("GET urgent_read", "GET", "messaging:say_read", read_link("mother"), {OK: NAMES}),
    Row("POST urgent_read", "POST", "messaging:say_read", read_link("mother"), {MOVED: NAMES}),
    Row("GET urgent_read of another", "GET", "messaging:say_read", read_link("parent_elsewhere"), {410: NAMES}),
    Row("GET urgent_read with another token", "GET", "messaging:say_read", lambda c, s: ["x"], {}),
    Row("GET urgent", "GET", "messaging:urgent", lambda c, s: [], {OK: BOTH_DIRECTIES}),
    Row("POST urgent", "POST", "messaging:urgent", lambda c, s: [], {INVALID: BOTH_DIRECTIES}),
    Row("GET urgent deputies", "GET", "messaging:urgent_deputies", lambda c, s: [], {OK: BOTH_DIRECTIES}),
    Row("POST urgent deputies", "POST", "messaging:urgent_deputies", lambda c, s: [], {INVALID: BOTH_DIRECTIES}),
    Row("GET urgent reach", "GET", "messaging:reach", lambda c, s: [urgent(c, s)], {OK: ["directie"]}),
    Row("POST urgent reach", "POST", "messaging:reach", lambda c, s: [urgent(c, s)], {MOVED: ["directie"]}),
    Row("GET reach of another message", "GET", "messaging:reach", lambda c, s: [s.post_retracted.uid], {}),
    Row("GET urgent letters", "GET", "messaging:reach_letters", lambda c, s: [urgent(c, s)], {OK: ["directie"]}),
    Row(
        "POST urgent called",
        "POST",
        "messaging:reach_called",
        lambda c, s: [urgent(c, s)],
        {MOVED: ["directie"]},
        lambda c, s: {"who": c.child("Noor").guardianships.admitted().first().caregiver.uid},
    ),
    Row("GET contact", "GET", "groups:contact", lambda c, s: [], {OK: SIGNED_IN}),
    Row("POST contact without a school", "POST", "groups:contact", lambda c, s: [], {}),
    Row(
        "POST contact of the first school",
        "POST",
        "groups:contact",
        lambda c, s: [],
        {MOVED: LINDE_FAMILY},
        lambda c, s: {"school": str(c.linde.uid), "kind": "asks", "way": "none"},
    ),
    Row(
        "POST contact about the phone",
        "POST",
        "groups:contact",
        lambda c, s: [],
        {MOVED: LINDE_FAMILY},
        lambda c, s: {"school": str(c.linde.uid), "kind": "asks", "phone": "no"},
    ),
    Row("POST phone on", "POST", "groups:phone_on", lambda c, s: [], {MOVED: SIGNED_IN}),
    Row("POST phone off", "POST", "groups:phone_off", lambda c, s: [phone_of(c.mother).uid], {MOVED: ["mother"]}),
    Row(
        "POST phone still on",
        "POST",
        "groups:phone_still_on",
        lambda c, s: [],
        {GONE_BY: ["mother"]},
        lambda c, s: {"endpoint": phone_of(c.mother).endpoint},
    ),
    Row("GET phone renewed", "GET", "groups:phone_renewed", lambda c, s: [], {OK: SIGNED_IN}),
    Row(
        "POST phone renewed",
        "POST",
        "groups:phone_renewed",
        lambda c, s: [],
        {},
        lambda c, s: {"before": phone_of(c.mother).endpoint, "endpoint": "https://push.example/another"},
    ),
    Row("GET unsubscribe", "GET", "groups:unsubscribe", unsubscribe_link, {OK: NAMES}),
    Row("POST unsubscribe", "POST", "groups:unsubscribe", unsubscribe_link, {OK: NAMES}),
    Row("GET unsubscribe with another token", "GET", "groups:unsubscribe", lambda c, s: ["x"], {}),
    signature_row("signature", "GET", {OK: ["directie"]}),
    signature_row("signature", "POST", {MOVED: ["directie"]}),
    Row("GET shields", "GET", "groups:shields", lambda c, s: [], {OK: BOTH_DIRECTIES}),
    shield_row("GET", "Noor", {OK: ["directie"]}),
    shield_row("GET", "Saar", {OK: ["directie_elsewhere"]}),
    shield_row("POST", "Noor", {INVALID: ["directie"]}),
    shield_row("POST", "Noor", {MOVED: ["directie"]}, act="shield", reason="Een geheim adres."),
    shield_row("POST", "Saar", {MOVED: ["directie_elsewhere"]}, act="lift", reason="Voorbij."),
    Row("GET pupils", "GET", "groups:pupils", lambda c, s: [], {OK: BOTH_DIRECTIES}),
    Row("GET letters of pupils", "GET", "groups:print_pupils", lambda c, s: [], {OK: BOTH_DIRECTIES}),
    Row("POST letters of pupils", "POST", "groups:print_pupils", lambda c, s: [], {OK: BOTH_DIRECTIES}),
    pupil_row("GET", {OK: ["directie"]}),
    pupil_row("POST", {INVALID: ["directie"]}),
    pupil_row("POST", {MOVED: ["directie"]}, act="withdraw"),
    pupil_row("POST", {MOVED: ["directie"]}, act="unlink"),
    signature_row("own_signature", "GET", {OK: ["teacher"]}),
    signature_row("own_signature", "POST", {MOVED: ["teacher"]}),
    signature_row("own_hours", "GET", {OK: ["teacher"]}),
    signature_row("own_hours", "POST", {INVALID: ["teacher"]}),
    Row("GET people", "GET", "groups:people", lambda c, s: [], {OK: BOTH_DIRECTIES}),
    *(
        Row(f"GET {route}", "GET", f"groups:{route}", lambda c, s: [], {OK: BOTH_DIRECTIES})
        for route in ("first_day", "open_school", "names", "deputy", "council", "overview")
    ),
    Row("POST open school", "POST", "groups:open_school", lambda c, s: [], {MOVED: BOTH_DIRECTIES}),
    Row("POST first-day step", "POST", "groups:first_day_step", lambda c, s: ["region"], {MOVED: BOTH_DIRECTIES}),
    Row("POST step that stays", "POST", "groups:first_day_step", lambda c, s: ["letters"], {}),
    Row("POST overview", "POST", "groups:overview", lambda c, s: [], {MOVED: BOTH_DIRECTIES}),
    Row("POST names", "POST", "groups:names", lambda c, s: [], {INVALID: BOTH_DIRECTIES}),
    Row("POST deputy", "POST", "groups:deputy", lambda c, s: [], {INVALID: BOTH_DIRECTIES}),
    Row("POST council seat", "POST", "groups:council", lambda c, s: [], {}),
    Row(
        "POST council seat of the mother",
        "POST",
        "groups:council",
        lambda c, s: [],
        {MOVED: ["directie"]},
        lambda c, s: {"council": c.mr.uid, "holder": c.caregiver("mother").uid},
    ),
    Row("GET staff", "GET", "groups:staff", lambda c, s: [], {OK: [*BOTH_DIRECTIES, "ict"]}),
    Row("GET staff letters", "GET", "groups:print_staff_letters", lambda c, s: [], {OK: BOTH_DIRECTIES}),
    Row("POST tell staff", "POST", "groups:tell_staff", lambda c, s: [], {MOVED: BOTH_DIRECTIES}),
    Row("GET staff letter", "GET", "groups:staff_letter", lambda c, s: [], {OK: NAMES}),
    Row(
        "POST staff letter", "POST", "groups:staff_letter", lambda c, s: [], {INVALID: NAMES}, lambda c, s: {"code": ""}
    ),
    signature_row("staff_entry", "GET", {OK: ["directie", "ict"]}),
    signature_row("staff_entry", "POST", {INVALID: ["directie", "ict"]}),
    signature_row("print_staff_letter", "GET", {OK: ["directie", "ict"]}),
    signature_row("tell_staff_again", "POST", {MOVED: ["directie"]}),
    signature_row("know_colleague", "GET", {OK: TEAM_BUT_TEACHER}),
    signature_row("know_colleague", "POST", {REFUSED: TEAM_BUT_TEACHER}),
    Row("GET people of groep 4", "GET", "groups:people_of_group", lambda c, s: [c.groep_4.uid], {OK: ["directie"]}),
    Row("GET letters of groep 4", "GET", "groups:print_group", lambda c, s: [c.groep_4.uid], {OK: ["directie"]}),
    Row("GET families of groep 4", "GET", "groups:group_families", lambda c, s: [c.groep_4.uid], {OK: STAFF}),
    Row("GET families of groep 5", "GET", "groups:group_families", lambda c, s: [c.groep_5.uid], {OK: STAFF_5}),
    Row(
        "GET families elsewhere",
        "GET",
        "groups:group_families",
        lambda c, s: [c.group("G4", "99CB").uid],
        {OK: ELSEWHERE_STAFF},
    ),
    guardianship_row("guardianship", {OK: ["directie"]}),
    guardianship_row("print_one", {OK: ["directie"]}),
    Row("GET print_chosen", "GET", "groups:print_chosen", lambda c, s: [], {OK: DIRECTIES}),
    guardianship_row("decision_letter", {MOVED: ["directie"]}),
    Row(
        "GET decision_letter without an account",
        "GET",
        "groups:decision_letter",
        decided_on_paper,
        {OK: ["directie"]},
    ),
    *(guardianship_row("decide", {OK: ["directie"]}, act) for act in DECISIONS if act != "toelaten"),
    *(
        guardianship_row("decide", {MOVED: ["directie"]}, act, method="POST", evidence="Beschikking gezien", key=NIL)
        for act in DECISIONS
        if act != "toelaten"
    ),
    guardianship_row("decide", {}, "iets-anders"),
    guardianship_row("caregiver_tasks", {OK: ["directie"]}),
    task_row("caregiver_task", "@mr", {OK: ["directie"]}),
    task_row("caregiver_task", "@mr", {MOVED: ["directie"]}, method="POST"),
    signature_row("staff_member", "GET", {OK: ["directie", "ict"]}),
    task_row("staff_task", "editor", {OK: ["directie"]}),
    task_row("staff_task", "editor", {MOVED: ["directie"]}, method="POST"),
    task_row("staff_task", "directie", {}),
    guardianship_row("unlink", {OK: ["directie"]}),
    guardianship_row("unlink", {MOVED: ["directie"]}, method="POST"),
    Row("GET health", "GET", "health", lambda c, s: [], {OK: NAMES}),
    Row("GET security.txt", "GET", "security_txt", lambda c, s: [], {}),
    Row("GET deep health", "GET", "deep_health", lambda c, s: [], {}),
    Row("GET metrics", "GET", "metrics", lambda c, s: [], {}),
    Row("GET no line", "GET", "no_line", lambda c, s: [], {OK: NAMES}),
    Row("GET worker", "GET", "worker", lambda c, s: [], {OK: NAMES}),
    Row("POST set language", "POST", "set_language", lambda c, s: [], {MOVED: NAMES}, lambda c, s: {"language": "en"}),
    Row("GET sign out", "GET", "account_logout", lambda c, s: [], {OK: SIGNED_IN, LOGIN: ["anonymous", "inactive"]}),
    Row("GET demo", "GET", "demo:start", lambda c, s: [], {OK: NAMES}),
    Row("POST demo as nobody", "POST", "demo:sign_in_as", lambda c, s: ["niemand"], {}),
    Row("GET mailbox", "GET", "demo:mailbox", lambda c, s: [], {OK: NAMES}),
    Row("GET mail", "GET", "demo:mail", lambda c, s: [uuid4()], {}),
    Row("GET mail layout", "GET", "demo:mail_layout", lambda c, s: [uuid4()], {}),
    Row("GET style", "GET", "style", lambda c, s: [], {OK: NAMES}),
]


def photo_row(which: str, expected: Expected, *, side: int = 400) -> Row:
    """The bytes of the photo in this post, whatever the hat."""
    name = f"GET photo {side} {which}"
    return Row(name, "GET", "messaging:photo", lambda c, s: [s.photo_of(getattr(s, which)).uid, side], expected)


def upload_row(hat: str, child: str, expected: Expected) -> Row:
    """A photo for a conversation about this child; nothing comes in."""
    name = f"POST upload talk {hat} {child}"
    return Row(name, "POST", "messaging:upload_talk_photo", lambda c, s: [hat, c.child(child).uid], expected)


def viewer_row(hat: str, which: str, expected: Expected, number: int = 1) -> Row:
    name = f"GET viewer {hat} {which} {number}"
    return Row(name, "GET", "messaging:viewer", lambda c, s: [hat, getattr(s, which).uid, number], expected)


def album_row(hat: str, key: str, expected: Expected) -> Row:
    name = f"GET album {hat} {key}"
    return Row(name, "GET", "messaging:album", lambda c, s: [hat, c.group(key).uid], expected)


def review_row(hat: str, key: str, expected: Expected, *, school: str = "99CA", method: str = "GET") -> Row:
    """What a no keeps away in this group; nothing is sent along."""
    name = f"{method} review {hat} {school} {key}"
    return Row(name, method, "messaging:review", lambda c, s: [hat, c.group(key, school).uid], expected)


def copied(cast: Cast, scene: Scene) -> list[Any]:
    """The photo in groep 4, at a school that lets its readers keep a copy."""
    ConsentRules.objects.update_or_create(school=cast.linde, defaults={"may_download": True})
    return [scene.photo_of(scene.post).uid]


IN_4, IN_5 = [*FAMILY, *STAFF], [*READS_5, *STAFF_5]
PHOTOS = [
    photo_row("post", {OK: IN_4}),
    photo_row("post", {OK: IN_4}, side=1600),
    photo_row("post", {OK: IN_4}, side=800),
    photo_row("post", {}, side=799),
    photo_row("post_groep_5", {OK: IN_5}),
    photo_row("post_whole_school", {OK: [*LINDE_FAMILY, *LINDE_STAFF]}),
    photo_row("post_elsewhere", {OK: [*ELSEWHERE_STAFF, "parent_elsewhere"]}),
    photo_row("post_hidden", {OK: STAFF}),
    photo_row("post_retracted", {}),
    photo_row("said_by_teacher", {OK: ["mother", "father", "teacher"]}),
    photo_row("said_by_mother", {OK: ["mother", "teacher"]}),
    photo_row("said_by_mother", {OK: ["mother", "teacher"]}, side=1600),
    photo_row("said_about_jet", {OK: ["teacher_who_is_parent", "teacher"]}),
    photo_row("said_elsewhere", {OK: ["parent_elsewhere", "teacher_elsewhere"]}),
    photo_row("said_and_regretted", {}),
    Row(
        "GET photo lying of mother",
        "GET",
        "messaging:photo",
        lambda c, s: [s.photo_lying_of_mother.uid, 400],
        {OK: ["mother"]},
    ),
    post_row("talk_viewer", "family", "said_by_teacher", {OK: ["mother", "father"]}, number=1),
    post_row("talk_viewer", "staff", "said_by_teacher", {OK: ["teacher"]}, number=1),
    post_row("talk_viewer", "family", "said_by_mother", {OK: ["mother"]}, number=1),
    post_row("talk_viewer", "staff", "said_by_mother", {OK: ["teacher"]}, number=1),
    post_row("talk_viewer", "staff", "said_by_mother", {MOVED: ["teacher"]}, number=2),
    post_row("talk_viewer", "family", "said_about_jet", {OK: ["teacher_who_is_parent"]}, number=1),
    post_row("talk_viewer", "staff", "said_elsewhere", {OK: ["teacher_elsewhere"]}, number=1),
    post_row("talk_viewer", "family", "said_and_regretted", {}, number=1),
    upload_row("family", "Noor", {INVALID: ["mother", "father"]}),
    upload_row("staff", "Noor", {INVALID: ["teacher", "substitute"]}),
    upload_row("family", "Jet", {INVALID: ["teacher_who_is_parent"]}),
    upload_row("staff", "Saar", {INVALID: ["teacher_elsewhere"]}),
    Row("GET photo lying", "GET", "messaging:photo", lambda c, s: [s.photo_lying.uid, 400], {OK: ["teacher"]}),
    Row("POST turn", "POST", "messaging:photo_turn", lambda c, s: [s.photo_waiting.uid], {INVALID: ["teacher"]}),
    Row("GET photo waiting", "GET", "messaging:photo", lambda c, s: [s.photo_waiting.uid, 400], {}),
    Row("GET photo by a post's number", "GET", "messaging:photo", lambda c, s: [s.post.uid, 400], {}),
    viewer_row("family", "post", {OK: FAMILY}),
    viewer_row("staff", "post", {OK: STAFF}),
    viewer_row("staff", "post", {MOVED: STAFF}, number=2),
    viewer_row("staff", "post", {MOVED: STAFF}, number=0),
    viewer_row("staff", "post_hidden", {OK: STAFF}),
    viewer_row("staff", "post_retracted", {}),
    viewer_row("family", "post_elsewhere", {OK: ["parent_elsewhere"]}),
    album_row("family", "G4", {OK: FAMILY}),
    album_row("staff", "G4", {OK: STAFF}),
    album_row("family", "G5", {OK: READS_5}),
    album_row("family", "@school", {OK: LINDE_FAMILY}),
    review_row("staff", "G4", {OK: STAFF}),
    review_row("family", "G4", {}),
    review_row("staff", "G5", {OK: STAFF_5}),
    review_row("staff", "@school", {OK: ["directie"]}),
    review_row("staff", "@staff", {OK: ["directie"]}),
    review_row("staff", "G4", {OK: ELSEWHERE_STAFF}, school="99CB"),
    review_row("staff", "G4", {MOVED: STAFF}, method="POST"),
    review_row("family", "G4", {}, method="POST"),
    review_row("staff", "@school", {MOVED: ["directie"]}, method="POST"),
    Row("GET a copy of a photo", "GET", "messaging:download", lambda c, s: [s.photo_of(s.post).uid], {}),
    Row("GET a copy where readers may", "GET", "messaging:download", copied, {OK: IN_4}),
    Row("POST upload staff", "POST", "messaging:upload_photo", lambda c, s: ["staff"], {INVALID: WRITERS}),
    Row("POST upload family", "POST", "messaging:upload_photo", lambda c, s: ["family"], {INVALID: ["council_member"]}),
    post_row(
        "phone_cleared", "staff", "post", {MOVED: ["teacher"], REFUSED: ["substitute", "directie"]}, method="POST"
    ),
    post_row("phone_cleared", "family", "post", {REFUSED: FAMILY}, method="POST"),
]

CHOOSERS = [*PARENTS, "future_parent"]
"""With authority over a child of a school: who chooses what is shown of it."""


def choice_row(method: str, child: str, expected: Expected, **form: Any) -> Row:
    """What may be shown of this child; no school of the cast asks anything yet."""
    name = f"{method} choices {child}"
    return Row(name, method, "consent:child_choices", lambda c, s: [c.child(child).uid], expected, lambda c, s: form)


def own_choice_row(method: str, brin: str, expected: Expected) -> Row:
    """The own image at this school."""
    name = f"{method} own choice {brin}"
    return Row(name, method, "consent:own_choice", lambda c, s: [School.objects.get(brin=brin).uid], expected)


CHOICES = [
    Row("GET choices", "GET", "consent:choices", lambda c, s: [], {OK: CHOOSERS}),
    Row(
        "POST choices about Noor",
        "POST",
        "consent:choices",
        lambda c, s: [],
        {INVALID: ["mother", "father"]},
        lambda c, s: {"child": c.child("Noor").uid},
    ),
    Row("POST choices about nobody", "POST", "consent:choices", lambda c, s: [], {}),
    Row("GET own choices", "GET", "consent:own_choices", lambda c, s: [], {OK: SIGNED_IN}),
    Row("GET own history", "GET", "consent:own_history", lambda c, s: [], {OK: SIGNED_IN}),
    own_choice_row("POST", "99CA", {INVALID: [*LINDE_FAMILY, *LINDE_STAFF]}),
    own_choice_row("POST", "99CB", {INVALID: [*ELSEWHERE_STAFF, "parent_elsewhere"]}),
    own_choice_row("GET", "99CB", {MOVED: [*ELSEWHERE_STAFF, "parent_elsewhere"]}),
    Row(
        "POST own choice as Tess herself, who is not 16",
        "POST",
        "consent:own_choice",
        lambda c, s: [c.child("Tess").uid],
        {REFUSED: ["pupil"]},
    ),
    Row(
        "GET history Noor",
        "GET",
        "consent:child_history",
        lambda c, s: [c.child("Noor").uid],
        {OK: ["mother", "father"]},
    ),
    choice_row("GET", "Noor", {MOVED: ["mother", "father"]}),
    choice_row("POST", "Noor", {INVALID: ["mother", "father"]}),
    choice_row("POST", "Jet", {INVALID: ["teacher_who_is_parent"]}),
    choice_row("POST", "Saar", {INVALID: ["parent_elsewhere"]}),
]


def blur_row(hat: str, which: str, expected: Expected, method: str = "GET") -> Row:
    """Drawing over a spot on the photo in this post or message; a form without spots is not filled in."""
    name = f"{method} blur {hat} {which}"
    args: Pick = lambda c, s: [hat, s.photo_of(getattr(s, which)).uid]  # noqa: E731
    return Row(name, method, "messaging:blur", args, expected)


BLURRING = [
    blur_row("staff", "post", {OK: STAFF}),
    blur_row("staff", "post", {INVALID: STAFF}, "POST"),
    blur_row("family", "post", {REFUSED: FAMILY}),
    blur_row("family", "post", {REFUSED: FAMILY}, "POST"),
    blur_row("staff", "post_groep_5", {INVALID: STAFF_5}, "POST"),
    blur_row("staff", "post_hidden", {INVALID: STAFF}, "POST"),
    blur_row("staff", "post_retracted", {}, "POST"),
    blur_row("family", "post_elsewhere", {REFUSED: ["parent_elsewhere"]}, "POST"),
    blur_row("staff", "post_elsewhere", {INVALID: ELSEWHERE_STAFF}, "POST"),
    blur_row("family", "said_by_mother", {REFUSED: ["mother"]}, "POST"),
    blur_row("staff", "said_by_mother", {REFUSED: ["teacher"]}, "POST"),
    blur_row("staff", "said_elsewhere", {REFUSED: ["teacher_elsewhere"]}, "POST"),
    *(
        Row(
            f"{method} blur lying",
            method,
            "messaging:blur",
            lambda c, s: ["staff", s.photo_lying.uid],
            {code: ["teacher"]},
        )
        for method, code in (("GET", OK), ("POST", INVALID))
    ),
    Row("POST blur a post's number", "POST", "messaging:blur", lambda c, s: ["staff", s.post.uid], {}),
]


def purpose_of(cast: Cast, school: str = "99CA") -> Purpose:
    """Photos in the group, as one of the two schools asks it."""
    here = cast.linde if school == "99CA" else cast.berk
    by = cast.directie if school == "99CA" else cast.directie_elsewhere
    start_consent(school=here, by=Actor(by, Hat.ANY, timezone.now()))
    return Purpose.objects.get(school=here, key=IMAGES)


def purpose_row(route: str, expected: Expected, *, method: str = "GET", school: str = "99CA", **form: Any) -> Row:
    name = f"{method} {route} {school}"
    return Row(name, method, f"consent:{route}", lambda c, s: [purpose_of(c, school).uid], expected, lambda c, s: form)


def round_of(cast: Cast) -> list[Any]:
    """An open round of the first school."""
    asked = purpose_of(cast)
    found = ConsentRound.objects.filter(school=cast.linde).first()
    day = (timezone.now() + timedelta(days=14)).date()
    return [
        (found or open_round(school=asked.school, closes_on=day, by=Actor(cast.directie, Hat.ANY, timezone.now()))).uid
    ]


def scan_of(cast: Cast, scene: Scene) -> list[Any]:
    """A scan about Noor: the row alone, as its bytes are asked for only once the door opened."""
    scan = storage.keep([Rendition("webp", 400, b"x")]) if not PaperForm.objects.exists() else ""
    form, _ = PaperForm.objects.get_or_create(
        school=cast.linde,
        child=cast.child("Noor"),
        defaults={
            "caregiver": cast.caregiver("mother"),
            "signed_on": timezone.now().date(),
            "key": scan,
            "sha256": "f" * 64,
            "recorded_by": cast.directie,
            "recorded_at": timezone.now(),
        },
    )
    return [form.uid, 400]


def asking_row(route: str, method: str = "GET", expected: Expected | None = None, **form: Any) -> Row:
    """A page about the first of the own schools."""
    name = f"{method} {route}"
    return Row(name, method, f"consent:{route}", lambda c, s: [], expected or {OK: BOTH_DIRECTIES}, lambda c, s: form)


def there_row(route: str) -> Row:
    """The same page about the first school by its id: another directie does not know it."""
    name = f"GET {route} of the first school"
    return Row(
        name,
        "GET",
        f"consent:{route}",
        lambda c, s: [],
        {OK: ["directie"]} if route != "start" else {MOVED: ["directie"]},
        query=f"?school={FIRST_SCHOOL}",
    )


def sight_row(route: str, group: str, expected: Expected, child: str = "", *, method: str = "GET") -> Row:
    """Who of a group may be shown, and what one child said."""

    def args(cast: Cast, scene: Scene) -> list[Any]:
        return [cast.group(group).uid, *([cast.child(child).uid] if child else [])]

    name = " ".join([method, route, group, child])
    return Row(name, method, f"consent:{route}", args, expected, lambda c, s: {"note": "Liever niet"})


FIRST_SCHOOL = "first"
HOW = {"basis": "consent", "reach": "groups", "version": "1"}
PAPER = [("Noor", {OK: ["directie"]}), ("Saar", {OK: ["directie_elsewhere"]})]
CONSENT = [
    asking_row("school"),
    asking_row("start", expected={MOVED: BOTH_DIRECTIES}),
    asking_row("start", "POST", {MOVED: BOTH_DIRECTIES}),
    asking_row("purposes"),
    asking_row("new_purpose"),
    asking_row("new_purpose", "POST", {INVALID: BOTH_DIRECTIES}),
    asking_row("rounds"),
    asking_row("rounds", "POST", {INVALID: BOTH_DIRECTIES}),
    asking_row("rules"),
    asking_row("rules", "POST", {MOVED: BOTH_DIRECTIES}, yes_lapses="on", hide_unseen="on", version="1"),
    asking_row("paper"),
    *(there_row(route) for route in ("school", "start", "purposes", "new_purpose", "rounds", "rules", "paper")),
    purpose_row("purpose", {OK: ["directie"]}),
    purpose_row("purpose", {OK: ["directie_elsewhere"]}, school="99CB"),
    purpose_row("purpose", {MOVED: ["directie"]}, method="POST", **HOW),
    purpose_row("words", {OK: ["directie"]}),
    purpose_row("words", {INVALID: ["directie"]}, method="POST"),
    purpose_row("words", {INVALID: ["directie_elsewhere"]}, method="POST", school="99CB"),
    purpose_row("retire", {OK: ["directie"]}),
    purpose_row("retire", {MOVED: ["directie"]}, method="POST"),
    Row("GET close", "GET", "consent:close", lambda c, s: round_of(c), {OK: ["directie"]}),
    Row("POST close", "POST", "consent:close", lambda c, s: round_of(c), {MOVED: ["directie"]}),
    *(
        Row(f"{method} paper of {child}", method, "consent:record_paper", lambda c, s, n=child: [c.child(n).uid], who)
        for child, allowed in PAPER
        for method, who in (("GET", allowed), ("POST", {INVALID: allowed[OK]}))
    ),
    Row("GET scan", "GET", "consent:scan", scan_of, {OK: ["directie"]}),
    Row("GET scan 800", "GET", "consent:scan", lambda c, s: [*scan_of(c, s)[:1], 800], {}),
    *(
        Row(
            f"{method} remind {at}",
            method,
            "consent:remind",
            lambda c, s, at=at: [c.group("G4", at).uid],
            {MOVED: [who]},
        )
        for method in ("GET", "POST")
        for at, who in (("99CA", "directie"), ("99CB", "directie_elsewhere"))
    ),
    *(
        Row(f"{way} {route} {at}", way, f"consent:{route}", lambda c, s, at=at: [c.group("G4", at).uid], {OK: [who]})
        for way, route in (("GET", "group_overview"), ("POST", "overview_csv"))
        for at, who in (("99CA", "directie"), ("99CB", "directie_elsewhere"))
    ),
    sight_row("group", "G4", {OK: STAFF}),
    sight_row("group", "G5", {OK: STAFF_5}),
    sight_row("group", "@school", {OK: ["directie"]}),
    sight_row("reluctance", "G4", {OK: STAFF}, "Noor"),
    sight_row("reluctance", "G4", {MOVED: STAFF}, "Noor", method="POST"),
    sight_row("reluctance", "G4", {}, "Tess", method="POST"),
    sight_row("reluctance", "G4", {}, "Saar", method="POST"),
    sight_row("reluctance", "G5", {MOVED: STAFF_5}, "Tess", method="POST"),
]


def report_row(
    hat: str, kind: str, which: str, expected: Expected, *, method: str = "GET", route: str = "report"
) -> Row:
    """Reporting a thing of the scene; a form without a reason is not filled in."""
    number = [1] if route == "report_photo" else []
    name = f"{method} {route} {hat} {which}"
    args: Pick = lambda c, s: [hat, kind, getattr(s, which).uid, *number]  # noqa: E731
    return Row(name, method, f"moderation:{route}", args, expected)


def case_about(which: str, by: str = "father") -> Callable[[Cast, Scene], Case]:
    """The open case about this, with one report and one letter."""

    def make(cast: Cast, scene: Scene) -> Case:
        case = reported(cast, getattr(scene, which), by).case
        if not case.letters.exists():
            case.letters.create(title="Brief", text="Tekst", written_by=cast.directie, written_at=timezone.now())
        return case

    return make


def case_row(route: str, which: str, expected: Expected, *more: Any, method: str = "GET", **form: Any) -> Row:
    """A case about what the mother replied in groep 4, what its teacher posted, or a reply at the other school."""
    make = case_about(which, {"reply_elsewhere": "teacher_elsewhere", "said_by_mother": "teacher"}.get(which, "father"))
    name = f"{method} {route} {which}"
    args: Pick = lambda c, s: [make(c, s).uid, *more]  # noqa: E731
    query = form.pop("query", "")
    return Row(name, method, f"moderation:{route}", args, expected, lambda c, s: form, query)


def letter_row(which: str, readers: list[str]) -> Row:
    """The letter in the case about this."""
    make = case_about(which, "teacher_elsewhere" if which == "reply_elsewhere" else "father")
    args: Pick = lambda c, s: [make(c, s).letters.get().uid]  # noqa: E731
    return Row(f"GET letter about {which}", "GET", "moderation:letter", args, {OK: readers})


def told_to_teacher(cast: Cast, scene: Scene) -> list[Any]:
    """What the directie told the teacher of groep 4, who wrote back."""
    facts = {"school": cast.linde, "to": cast.teacher, "hat": "staff", "kind": "talk", "told_by": cast.directie}
    telling, made = Telling.objects.get_or_create(**facts, defaults={"told_at": timezone.now()})
    if made:
        TellingAnswer.objects.create(telling=telling, text="Goed.", written_at=timezone.now())
    return [telling.uid]


NOT_MOTHER = [name for name in FAMILY if name != "mother"]
NOT_TEACHER = ["substitute", "directie"]
HANDLES = {
    "reply": STAFF,
    "post": ["directie"],
    "said_by_mother": ["directie"],
    "reply_elsewhere": ELSEWHERE_STAFF,
}
"""Who handles a case about this: what was said to the teacher about a family also who moderates the group."""
LEADS = {"reply": ["directie"], "post": ["directie"], "reply_elsewhere": ["directie_elsewhere"]}
READ_HERE = {which: who for which, who in HANDLES.items() if which != "said_by_mother"}
"""Without the conversation: its words are for two people, and tests/moderation reads them with their leave."""
# Reports and cases
REPORTING = [
    report_row("family", "reactie", "reply", {OK: NOT_MOTHER, REFUSED: ["mother"]}),
    report_row("family", "reactie", "reply", {INVALID: NOT_MOTHER, REFUSED: ["mother"]}, method="POST"),
    report_row("staff", "reactie", "reply", {OK: STAFF}),
    report_row("family", "bericht", "post", {OK: FAMILY}),
    report_row("staff", "bericht", "post", {OK: NOT_TEACHER, REFUSED: ["teacher"]}),
    report_row("family", "bericht", "post_elsewhere", {OK: ["parent_elsewhere"]}),
    report_row("family", "bericht", "post_retracted", {}),
    report_row("family", "gesprek", "said_by_teacher", {OK: ["mother", "father"]}),
    report_row("staff", "gesprek", "said_by_mother", {OK: ["teacher"]}),
    report_row("staff", "gesprek", "said_elsewhere", {OK: ["teacher_elsewhere"]}),
    report_row("family", "bericht", "reply", {}),
    report_row("family", "iets", "reply", {}),
    report_row("family", "bericht", "post", {OK: FAMILY}, route="report_photo"),
    report_row("family", "bericht", "post", {INVALID: FAMILY}, route="report_photo", method="POST"),
    report_row("family", "gesprek", "said_by_teacher", {OK: ["mother", "father"]}, route="report_photo"),
    report_row("family", "reactie", "reply", {}, route="report_photo"),
    report_row("family", "reactie", "reply", {OK: NOT_MOTHER, REFUSED: ["mother"]}, route="report_author"),
    *(
        Row(
            f"{way} report_participant {hat}",
            way,
            "moderation:report_participant",
            lambda c, s, hat=hat: [hat, s.talk_both.uid],
            {OK if way == "GET" else INVALID: who},
        )
        for way in ("GET", "POST")
        for hat, who in (("family", ["mother", "father"]), ("staff", ["teacher"]))
    ),
    report_row("family", "reactie", "reply_elsewhere", {OK: [], REFUSED: ["parent_elsewhere"]}, route="report_author"),
    report_row("staff", "bericht", "post", {OK: NOT_TEACHER, REFUSED: ["teacher"]}, route="address"),
    report_row(
        "staff", "bericht", "post", {INVALID: NOT_TEACHER, REFUSED: ["teacher"]}, route="address", method="POST"
    ),
    report_row("staff", "reactie", "reply", {REFUSED: STAFF}, route="address"),
    report_row("family", "bericht", "post", {}, route="address"),
    Row("GET my reports", "GET", "moderation:my_reports", lambda c, s: [], {OK: SIGNED_IN}),
    Row("GET told at home", "GET", "groups:told", lambda c, s: [Hat.FAMILY], {OK: SIGNED_IN}),
    Row("GET told at school", "GET", "groups:told", lambda c, s: [Hat.STAFF], {OK: SIGNED_IN}),
    Row("GET telling", "GET", "groups:telling", lambda c, s: [Hat.STAFF, *told_to_teacher(c, s)], {OK: ["teacher"]}),
    Row("GET telling at home", "GET", "groups:telling", lambda c, s: [Hat.FAMILY, *told_to_teacher(c, s)], {}),
    Row(
        "POST telling",
        "POST",
        "groups:telling",
        lambda c, s: [Hat.STAFF, *told_to_teacher(c, s)],
        {INVALID: ["teacher"]},
    ),
    Row("GET answered", "GET", "moderation:answered", told_to_teacher, {OK: ["directie"]}),
    Row("POST answered", "POST", "moderation:answered", told_to_teacher, {MOVED: ["directie"]}),
    Row(
        "GET cases",
        "GET",
        "moderation:cases",
        lambda c, s: [],
        {OK: [*STAFF, "teacher_who_is_parent", *ELSEWHERE_STAFF, "case_officer"]},
    ),
    Row(
        "GET answers",
        "GET",
        "moderation:answers",
        lambda c, s: [],
        {OK: [*STAFF, "teacher_who_is_parent", *ELSEWHERE_STAFF, "case_officer"]},
    ),
    *(case_row("case", which, {OK: who}) for which, who in READ_HERE.items()),
    *(case_row("case", which, {INVALID: who}, method="POST") for which, who in READ_HERE.items()),
    *(case_row("reopen", which, {MOVED: who}, method="POST") for which, who in HANDLES.items()),
    *(
        case_row(
            "restore", which, {MOVED: LEADS[which], REFUSED: set(HANDLES[which]) - set(LEADS[which])}, method="POST"
        )
        for which in LEADS
    ),
    *(case_row("measure", which, {OK: who}) for which, who in HANDLES.items()),
    *(case_row("measure", which, {INVALID: who}, method="POST") for which, who in HANDLES.items()),
    *(
        case_row("new_letter", which, {OK: LEADS[which], REFUSED: set(HANDLES[which]) - set(LEADS[which])})
        for which in LEADS
    ),
    case_row("new_letter", "post", {INVALID: ["directie"]}, method="POST", query="?brief=gesprek-team"),
    case_row("new_letter", "post", {OK: ["directie"]}, method="POST", query="?brief=iets"),
    *(case_row("person_file", which, {MOVED: HANDLES[which]}) for which in ("post", "reply_elsewhere")),
    *(case_row("person_file", which, {OK: HANDLES[which]}, method="POST") for which in ("post", "reply_elsewhere")),
    case_row("case_photo", "post", {OK: ["directie"]}, 1, 400),
    case_row("case_photo", "post", {}, 2, 400),
    case_row("case_photo", "reply", {}, 1, 400),
    letter_row("reply", STAFF),
    letter_row("post", ["directie"]),
    letter_row("reply_elsewhere", ELSEWHERE_STAFF),
]

# Removal and the dossier
REASON = {"reason": "Kwetsend", "told": "Dit doet pijn.", "version": 1}


def removal_row(hat: str, which: str, expected: Expected, *, method: str = "GET", photo: str = "") -> Row:
    """Removing one photo of a post; that of another post when `photo` names it."""
    return Row(
        f"{method} remove_photo {hat} {which} {photo}",
        method,
        "messaging:remove_photo",
        lambda c, s: [hat, getattr(s, which).uid, s.photo_of(getattr(s, photo or which)).uid],
        expected,
        lambda c, s: REASON,
    )


def piece_of(cast: Cast, scene: Scene) -> DossierPiece:
    """The hard copy of a reply in groep 4; made once."""
    found = DossierPiece.objects.filter(school_uid=cast.linde.uid).first()
    if found is None:
        now = timezone.now()
        reply = publish_reply(post=scene.post, text="Weg ermee.", by=Actor(cast.father, "family", now))
        remove_written(written=reply, reason="Om", by=Actor(cast.directie, Hat.STAFF, now))
    return found or DossierPiece.objects.get(school_uid=cast.linde.uid)


def reading_of(cast: Cast, scene: Scene) -> UUID:
    return open_copy(piece=piece_of(cast, scene), reason="Om", by=Actor(cast.directie, Hat.ANY, timezone.now())).uid


def proposal_of(cast: Cast, scene: Scene) -> UUID:
    """As if its term were over."""
    piece = piece_of(cast, scene)
    proposed = {"school": cast.linde, "proposed_by": cast.teacher, "proposed_at": timezone.now()}
    return Destruction.objects.get_or_create(entry_id=piece.pk, defaults=proposed)[0].uid


def week_of(cast: Cast) -> UUID:
    """A weekly mail of De Linde that went."""
    now = timezone.now()
    window = {"window_from": now - timedelta(days=7), "cut_at": now, "made_at": now}
    return DigestEdition.objects.get_or_create(school=cast.linde, kind="weekly", name="test", defaults=window)[0].uid


def departure_of(cast: Cast, scene: Scene) -> UUID:
    """De Linde wants to stop with Kring; somebody proposed it who is in no matrix."""
    named = {"name": cast.linde.name, "brin": cast.linde.brin, "dependance": "00", "foundation": cast.linde.foundation}
    when = {"leaves_on": timezone.localdate() + timedelta(days=60), "proposed_at": timezone.now()}
    facts = {**named, **when, "proposed_by_uid": cast.linde.uid}
    return Departure.objects.get_or_create(school_uid=cast.linde.uid, defaults=facts)[0].uid


def dossier_row(method: str, route: str, pick: Pick, expected: Expected, data: Pick = lambda c, s: {}) -> Row:
    return Row(f"{method} {route}", method, f"moderation:{route}", lambda c, s: [pick(c, s)], expected, data)


def piece_uid(cast: Cast, scene: Scene) -> UUID:
    return piece_of(cast, scene).uid


def asked_by(which: str, by: str, state: str) -> Pick:
    """The request for access of who wrote this, in this state, in the hands of the directie of De Linde."""

    def make(cast: Cast, scene: Scene) -> list[Any]:
        case = case_about(which, by)(cast, scene)
        today, hands = timezone.localdate(), {"opened_by": cast.directie, "prepared_by": cast.directie}
        facts = {"asker": "self", "means": "mail", "received_on": today, "due_on": today, "opened_at": timezone.now()}
        who = {"school": case.school, "about": case.about, "side": case.side, "state": state}
        made, is_new = AccessRequest.objects.get_or_create(**who, defaults={**facts, **hands, "draft": b"<p>Kopie</p>"})
        if is_new and state == "approved":
            seal = {"content": b"<p>Kopie</p>", "digest": chain.digest(b"<p>Kopie</p>"), "sealed_at": timezone.now()}
            made.copies.create(**seal, prepared_by=cast.directie, approved_by=cast.case_officer)
        access.reproject(containers=[made.pk], only=AccessRequestGrant)
        return [made.uid]

    return make


DRAWING = asked_by("reply", "father", "drawing")
WAITING = asked_by("reply_hidden", "teacher", "review")
APPROVED = asked_by("post", "father", "approved")
"""Of Noor's mother, of the parent of two and of the teacher of groep 4."""


def access_row(method: str, route: str, pick: Pick, expected: Expected, **form: str) -> Row:
    state = {DRAWING: "drawing", WAITING: "review", APPROVED: "approved"}[pick]
    return Row(f"{method} {route} {state}", method, f"moderation:{route}", pick, expected, lambda c, s: form)


READS_OVER: Expected = {OK: ["case_officer"], REFUSED: ["directie"]}
ACCESS = [
    Row(
        "GET access_requests",
        "GET",
        "moderation:access_requests",
        lambda c, s: [],
        {OK: [*BOTH_DIRECTIES, "case_officer"]},
    ),
    case_row("start_access", "reply_elsewhere", {OK: ["directie_elsewhere"], REFUSED: ["teacher_elsewhere"]}),
    case_row(
        "start_access",
        "reply_elsewhere",
        {INVALID: ["directie_elsewhere"], REFUSED: ["teacher_elsewhere"]},
        method="POST",
    ),
    access_row("GET", "access_request", DRAWING, {OK: ["directie"]}),
    access_row("GET", "access_request", WAITING, {OK: ["directie", "case_officer"]}),
    access_row("GET", "access_request", APPROVED, {OK: ["directie"]}),
    access_row("POST", "draw_up_access", DRAWING, {MOVED: ["directie"]}),
    access_row("POST", "draw_up_access", WAITING, {MOVED: ["directie"], REFUSED: ["case_officer"]}),
    access_row("GET", "mark_access", DRAWING, {OK: ["directie"]}),
    access_row("GET", "mark_access", WAITING, {MOVED: ["directie"], REFUSED: ["case_officer"]}),
    access_row("POST", "mark_access", DRAWING, {MOVED: ["directie"]}),
    access_row("GET", "review_access", DRAWING, {REFUSED: ["directie"]}),
    access_row("GET", "review_access", WAITING, READS_OVER),
    access_row("POST", "review_access", WAITING, {INVALID: ["case_officer"], REFUSED: ["directie"]}),
    access_row("GET", "access_copy", DRAWING, {}),
    access_row("GET", "access_copy", WAITING, {OK: ["case_officer"]}),
    access_row("GET", "access_copy", APPROVED, {OK: ["directie"]}),
    access_row("POST", "access_pdf", WAITING, {REFUSED: ["case_officer"]}),
    access_row("POST", "access_pdf", APPROVED, {OK: ["directie"]}),
    access_row("GET", "hand_over_access", DRAWING, {REFUSED: ["directie"]}),
    access_row("GET", "hand_over_access", APPROVED, {OK: ["directie"]}),
    access_row("POST", "hand_over_access", APPROVED, {INVALID: ["directie"]}),
    *(
        access_row(method, route, WAITING, {code: ["directie"], REFUSED: ["case_officer"]})
        for route in ("extend_access", "close_access")
        for method, code in (("GET", OK), ("POST", INVALID))
    ),
]

DIRECTIES = ["directie", "directie_elsewhere"]
DOSSIER = [
    Row("GET dossier", "GET", "moderation:dossier", lambda c, s: [], {OK: [*DIRECTIES, "case_officer"]}),
    Row("GET dossier_terms", "GET", "moderation:dossier_terms", lambda c, s: [], {OK: DIRECTIES}),
    Row("POST dossier_terms", "POST", "moderation:dossier_terms", lambda c, s: [], {INVALID: DIRECTIES}),
    dossier_row("GET", "dossier_piece", piece_uid, {OK: ["directie"]}),
    dossier_row("POST", "dossier_piece", piece_uid, {INVALID: ["directie"]}),
    dossier_row("POST", "dossier_piece", piece_uid, {MOVED: ["directie"]}, lambda c, s: REASON),
    dossier_row("POST", "propose_destruction", piece_uid, {MOVED: ["directie"]}),
    dossier_row("GET", "dossier_reading", reading_of, {OK: ["directie"]}),
    dossier_row("GET", "dossier_copy", reading_of, {OK: ["directie"]}),
    dossier_row("POST", "dossier_pdf", reading_of, {OK: ["directie"]}),
    Row("GET departure", "GET", "moderation:departure", lambda c, s: [], {OK: [*DIRECTIES, "case_officer"]}),
    Row(
        "POST departure",
        "POST",
        "moderation:departure",
        lambda c, s: [],
        {INVALID: DIRECTIES, REFUSED: ["case_officer"]},
    ),
    dossier_row("POST", "settle_departure", departure_of, {MOVED: ["directie", "case_officer"]}),
    dossier_row("GET", "destruction", proposal_of, {OK: ["directie", "case_officer"]}),
    dossier_row("POST", "destruction", proposal_of, {MOVED: ["directie", "case_officer"]}),
    post_row("remove", "staff", "post", {OK: STAFF}),
    post_row("remove", "family", "post", {REFUSED: FAMILY}),
    post_row("remove", "staff", "post_hidden", {OK: STAFF}),
    post_row("remove", "staff", "post_retracted", {MOVED: STAFF}),
    post_row("remove", "staff", "post_groep_5", {OK: STAFF_5}),
    post_row("remove", "staff", "post_elsewhere", {OK: ELSEWHERE_STAFF}),
    post_row("remove", "staff", "post", {INVALID: STAFF}, method="POST"),
    post_row("remove", "staff", "post", {MOVED: STAFF}, method="POST", data=lambda c, s: REASON),
    post_row("remove", "family", "post", {REFUSED: FAMILY}, method="POST", data=lambda c, s: REASON),
    post_row(
        "remove",
        "staff",
        "post_whole_school",
        {MOVED: ["directie"], REFUSED: [name for name in LINDE_STAFF if name != "directie"]},
        method="POST",
        data=lambda c, s: REASON,
    ),
    post_row("remove_reply", "staff", "reply", {OK: STAFF}),
    post_row("remove_reply", "family", "reply", {REFUSED: FAMILY}),
    post_row("remove_reply", "staff", "reply_hidden", {OK: STAFF}),
    post_row("remove_reply", "staff", "reply_elsewhere", {OK: ELSEWHERE_STAFF}),
    post_row("remove_reply", "staff", "reply", {MOVED: STAFF}, method="POST", data=lambda c, s: REASON),
    post_row("remove_message", "staff", "said_by_mother", {REFUSED: ["teacher"]}),
    post_row("remove_message", "family", "said_by_mother", {REFUSED: ["mother"]}),
    post_row("remove_message", "staff", "said_elsewhere", {REFUSED: ["teacher_elsewhere"]}, method="POST"),
    removal_row("staff", "post", {OK: STAFF}),
    removal_row("staff", "post", {MOVED: STAFF}, method="POST"),
    removal_row("family", "post", {REFUSED: FAMILY}, method="POST"),
    removal_row("staff", "post", {}, photo="post_elsewhere"),
    removal_row("staff", "post_elsewhere", {OK: ELSEWHERE_STAFF}),
]


def rather_not_row(hat: str, which: str, key: str, expected: Expected, method: str = "GET") -> Row:
    """One photo of this post, on the page of this group."""
    name = f"{method} rather not {hat} {which} {key}"
    at = "99CB" if which == "post_elsewhere" else "99CA"
    return Row(
        name,
        method,
        "messaging:rather_not",
        lambda c, s: [hat, c.group(key, at).uid, s.photo_of(getattr(s, which)).uid],
        expected,
    )


def adult_row(who: str, expected: Expected, method: str = "GET") -> Row:
    """A form of this adult about the own image."""
    return Row(
        f"{method} paper of {who}", method, "consent:record_adult_paper", lambda c, s: [c.user(who).uid], expected
    )


def blank_row(which: str, expected: Expected, school: str = "99CA") -> Row:
    """A blank form about this child, or those of this group."""
    if which.startswith("G"):
        found: Any = lambda c, s: [c.group(which, school).uid]  # noqa: E731
    else:
        found = lambda c, s: [c.child(which).uid]  # noqa: E731
    route = "consent:blank_forms" if which.startswith("G") else "consent:blank_form"
    way = "POST" if which.startswith("G") else "GET"
    return Row(f"{way} blank {which} {school}", way, route, found, expected)


# A photo a child would rather not be on, and forms of adults
RATHER_NOT = [
    blank_row("Noor", {OK: ["directie"]}),
    blank_row("Saar", {OK: ["directie_elsewhere"]}),
    blank_row("G4", {OK: ["directie"]}),
    blank_row("G4", {OK: ["directie_elsewhere"]}, school="99CB"),
    adult_row("teacher", {OK: ["directie"]}),
    adult_row("teacher", {INVALID: ["directie"]}, method="POST"),
    adult_row("directie", {}),
    adult_row("teacher_elsewhere", {OK: ["directie_elsewhere"]}),
    adult_row("teacher_elsewhere", {INVALID: ["directie_elsewhere"]}, method="POST"),
    adult_row("former_parent", {}),
    rather_not_row("staff", "post", "G4", {OK: STAFF}),
    rather_not_row("staff", "post", "G4", {INVALID: STAFF}, method="POST"),
    rather_not_row("family", "post", "G4", {}),
    rather_not_row("family", "post", "G4", {}, method="POST"),
    rather_not_row("staff", "post", "G5", {}),
    rather_not_row("staff", "post_groep_5", "G5", {OK: STAFF_5}),
    rather_not_row("staff", "post_groep_5", "G4", {}, method="POST"),
    rather_not_row("staff", "post_elsewhere", "G4", {OK: ELSEWHERE_STAFF}),
    rather_not_row("staff", "post_retracted", "G4", {}),
]


def steered(route: str, code: int) -> int:
    """An open conversation: opening it again is nothing, and closing asks for a word."""
    if route == "reopen":
        return MOVED
    return INVALID if (route, code) == ("close", MOVED) else code


# The directie asked in, freezing, opening and closing (POL-64)
ASKED_IN: dict[str, list[str]] = {"family": ["mother"], "staff": ["teacher", "directie"]}
NEWCOMERS = [
    post_row("ask_in", "family", "talk_both", {OK: ["mother", "father"]}),
    post_row("ask_in", "family", "talk_both", {INVALID: ["mother", "father"]}, method="POST"),
    post_row("ask_in", "staff", "talk_both", {OK: ["teacher"]}),
    post_row("ask_in", "staff", "talk_both", {INVALID: ["teacher"]}, method="POST"),
    post_row("ask_in", "staff", "talk_directie", {OK: ["teacher"], REFUSED: ["directie"]}),
    *(
        Row(
            f"POST hand over {hat}",
            "POST",
            "messaging:hand_over",
            lambda c, s, hat=hat: [hat, s.talk_both.uid, s.talk_both.participations.get(group__isnull=False).staff.uid],
            expected,
        )
        for hat, expected in (("family", {MOVED: ["mother", "father"]}), ("staff", {REFUSED: ["teacher"]}))
    ),
    Row("GET handovers", "GET", "messaging:handovers", lambda c, s: [], {OK: DIRECTIES}),
    *(
        Row(
            f"{method} open handover",
            method,
            "messaging:open_handover",
            lambda c, s: [s.talk_both.participations.get(group__isnull=False).staff.uid, c.groep_4.uid],
            {MOVED: ["directie"]},
        )
        for method in ("GET", "POST")
    ),
]

STEERING = [
    *NEWCOMERS,
    *(
        post_row("thread", hat, "talk_directie", {code: people}, method=method, data=said_in("talk_directie"))
        for hat, people in ASKED_IN.items()
        for method, code in (("GET", OK), ("POST", MOVED))
    ),
    *(
        post_row("join_directie", hat, "talk_directie", {MOVED: people}, method=method)
        for hat, people in ASKED_IN.items()
        for method in ("GET", "POST")
    ),
    *(
        post_row("join_directie", hat, "talk_mother", {code: [who]}, method=method)
        for hat, who in (("family", "mother"), ("staff", "teacher"))
        for method, code in (("GET", OK), ("POST", MOVED))
    ),
    post_row("join_directie", "staff", "talk_elsewhere", {OK: ["teacher_elsewhere"]}),
    post_row("join_directie", "staff", "talk_jet", {OK: ["teacher"]}),
    *(
        post_row(route, "staff", which, {REFUSED: ["teacher"]} | more, method=method)
        for method, code in (("GET", OK), ("POST", MOVED))
        for route in ("freeze", "reopen", "close")
        for which, more in (
            ("talk_mother", {}),
            ("talk_directie", {steered(route, code): ["directie"]}),
        )
    ),
    *(
        post_row(route, "family", "talk_directie", {REFUSED: ["mother"]}, method="POST")
        for route in ("freeze", "reopen", "close")
    ),
    post_row("edit_message", "staff", "said_to_directie", {REFUSED: ["teacher", "directie"]}),
    post_row("retract_message", "staff", "said_to_directie", {REFUSED: ["teacher", "directie"]}, method="POST"),
    post_row("talk_viewer", "staff", "said_to_directie", {OK: ["teacher", "directie"]}, number=1),
    post_row("talk_viewer", "family", "said_to_directie", {OK: ["mother"]}, number=1),
]

# The rules everybody knows, their versions and who confirmed them.


def rules_in_force(cast: Cast, school: str = "99CA") -> Protocol:
    """A version everybody of the school confirmed, so that it stands in nobody's way on the other rows."""
    here = cast.linde if school == "99CA" else cast.berk
    found = Protocol.objects.filter(school=here).first() or in_force(cast, school=here)
    there = Acknowledgement.objects.filter(protocol=found).values("user")
    Acknowledgement.objects.bulk_create(
        Acknowledgement(protocol=found, user=user, acknowledged_at=found.effective_at)
        for user in people_of(here, now=timezone.now()).exclude(pk__in=there)
    )
    return found


def rules_row(route: str, expected: Expected, *, method: str = "GET", school: str = "99CA") -> Row:
    name = f"{method} {route} {school}"
    return Row(name, method, f"moderation:{route}", lambda c, s: [rules_in_force(c, school).uid], expected)


def draft_row(route: str, expected: Expected, *, method: str = "GET") -> Row:
    def args(cast: Cast, scene: Scene) -> list[Any]:
        return [start_draft(school=cast.linde, by=Actor(cast.directie, Hat.ANY, timezone.now())).uid]

    return Row(f"{method} {route}", method, f"moderation:{route}", args, expected)


def of_linde(cast: Cast, scene: Scene) -> dict[str, str]:
    return {"protocol": str(rules_in_force(cast).uid)}


def questions_row(route: str, expected: Expected, *, method: str = "GET", school: str = "99CA") -> Row:
    def args(cast: Cast, scene: Scene) -> list[Any]:
        here, by = (cast.linde, cast.directie) if school == "99CA" else (cast.berk, cast.directie_elsewhere)
        found = Evaluation.objects.filter(school=here).first()
        return [(found or open_evaluation(school=here, by=Actor(by, Hat.ANY, timezone.now()))).uid]

    return Row(f"{method} {route} {school}", method, f"moderation:{route}", args, expected)


RULES = [
    questions_row("evaluation", {OK: EVERYBODY}),
    questions_row("evaluation", {INVALID: EVERYBODY}, method="POST"),
    questions_row("evaluation", {OK: [*ELSEWHERE_STAFF, "parent_elsewhere"]}, school="99CB"),
    questions_row("evaluation_results", {OK: ["directie"]}),
    questions_row("close_questions", {MOVED: ["directie"]}),
    questions_row("close_questions", {MOVED: ["directie"]}, method="POST"),
    questions_row("close_questions", {MOVED: ["directie_elsewhere"]}, method="POST", school="99CB"),
    Row("GET promises", "GET", "moderation:promises", lambda c, s: [], {OK: [*BOTH_DIRECTIES, *ACCOUNTED]}),
    Row("GET evaluations", "GET", "moderation:evaluations", lambda c, s: [], {OK: BOTH_DIRECTIES}),
    Row("POST evaluations", "POST", "moderation:evaluations", lambda c, s: [], {MOVED: BOTH_DIRECTIES}),
    Row("GET rules", "GET", "moderation:rules", lambda c, s: [], {OK: SIGNED_IN}),
    Row("GET confirm_rules", "GET", "moderation:confirm_rules", lambda c, s: [], {MOVED: SIGNED_IN}),
    Row("POST confirm_rules", "POST", "moderation:confirm_rules", lambda c, s: [], {MOVED: EVERYBODY}, of_linde),
    Row("POST confirm_rules of nothing", "POST", "moderation:confirm_rules", lambda c, s: [], {}),
    rules_row("rules_version", {OK: EVERYBODY}),
    rules_row("rules_version", {OK: [*ELSEWHERE_STAFF, "parent_elsewhere"]}, school="99CB"),
    Row("GET protocols", "GET", "moderation:protocols", lambda c, s: [], {OK: BOTH_DIRECTIES}),
    *(
        Row(
            f"GET {route} of the first school",
            "GET",
            f"moderation:{route}",
            lambda c, s: [],
            {code: ["directie", *others]},
            query=f"?school={FIRST_SCHOOL}",
        )
        for route, code, others in (
            ("protocols", OK, []),
            ("start_protocol", MOVED, []),
            ("evaluations", OK, []),
            ("promises", OK, ACCOUNTED),
        )
    ),
    Row("POST start_protocol", "POST", "moderation:start_protocol", lambda c, s: [], {MOVED: BOTH_DIRECTIES}),
    draft_row("protocol_draft", {OK: ["directie"]}),
    draft_row("protocol_draft", {INVALID: ["directie"]}, method="POST"),
    draft_row("put_in_force", {OK: ["directie"]}),
    draft_row("put_in_force", {INVALID: ["directie"]}, method="POST"),
    rules_row("acknowledgements", {OK: ["directie"]}),
    rules_row("acknowledgements", {OK: ["directie_elsewhere"]}, school="99CB"),
    rules_row("acknowledgements_csv", {OK: ["directie"]}, method="POST"),
    rules_row("remind_to_confirm", {MOVED: ["directie"]}),
    rules_row("remind_to_confirm", {MOVED: ["directie"]}, method="POST"),
    rules_row("remind_to_confirm", {MOVED: ["directie_elsewhere"]}, method="POST", school="99CB"),
]

NORM = {"version": "1", "class_least": "1", "class_most": "2"}
MANAGING = ["teacher", "substitute", "teacher_who_is_parent", "teacher_elsewhere", *BOTH_DIRECTIES]
"""Teachers of a class, and the directie: who reads figures."""
CONFIGURING = [*BOTH_DIRECTIES, "ict"]
SAYING = ["parent_of_two", "teacher_who_is_parent"]
"""Other parents of groep 4 than those of Noor, whose mother replied."""


def switched_on(cast: Cast, scene: Scene) -> list[UUID]:
    """Where the school lets parents say a kind word: the mother's reply."""
    by = Actor(cast.directie, Hat.ANY, timezone.now())
    set_kind_words(school=cast.linde, is_on=True, phrases=["Leest u het nog eens?"], by=by)
    return [scene.reply.uid]


FREQUENCY = [
    *(
        Row(f"GET {route}", "GET", f"moderation:{route}", lambda c, s: [], {OK: BOTH_DIRECTIES})
        for route in ("frequency", "frequency_csv", "norms")
    ),
    *(
        Row(
            f"GET {route} of the first school",
            "GET",
            f"{app}:{route}",
            lambda c, s: [],
            {OK: readers},
            query=f"?school={FIRST_SCHOOL}",
        )
        for app, route, readers in (
            ("moderation", "frequency", ["directie"]),
            ("moderation", "frequency_csv", ["directie"]),
            ("moderation", "norms", ["directie"]),
            ("moderation", "figures", ["teacher", "substitute", "teacher_who_is_parent", "directie"]),
            ("groups", "days_off", ["directie", "ict"]),
        )
    ),
    Row("GET kind words", "GET", "moderation:kind_words", lambda c, s: [], {OK: SIGNED_IN}),
    Row("POST kind words", "POST", "moderation:kind_words", lambda c, s: [], {MOVED: SIGNED_IN}),
    Row("GET kind words of parents", "GET", "moderation:kind_word_rules", lambda c, s: [], {OK: BOTH_DIRECTIES}),
    Row("POST kind words of parents", "POST", "moderation:kind_word_rules", lambda c, s: [],
        {INVALID: BOTH_DIRECTIES}),
    Row("GET a kind word, off", "GET", "moderation:say_kindly", lambda c, s: [s.reply.uid], {REFUSED: FAMILY}),
    Row("GET a kind word", "GET", "moderation:say_kindly", switched_on,
        {OK: SAYING, REFUSED: [name for name in FAMILY if name not in SAYING]}),
    Row("POST a kind word", "POST", "moderation:say_kindly", switched_on,
        {INVALID: SAYING, REFUSED: [name for name in FAMILY if name not in SAYING]}),
    Row("GET a kind word elsewhere", "GET", "moderation:say_kindly", lambda c, s: [s.reply_elsewhere.uid],
        {REFUSED: ["parent_elsewhere"]}),
    Row("POST norms", "POST", "moderation:norms", lambda c, s: [], {MOVED: BOTH_DIRECTIES}, lambda c, s: NORM),
    Row("POST norms of nothing", "POST", "moderation:norms", lambda c, s: [], {INVALID: BOTH_DIRECTIES},
        lambda c, s: {**NORM, "class_most": "x"}),
    Row("GET figures", "GET", "moderation:figures", lambda c, s: [], {OK: MANAGING}),
    Row("GET days off", "GET", "groups:days_off", lambda c, s: [], {OK: CONFIGURING}),
    Row("POST days off", "POST", "groups:days_off", lambda c, s: [], {INVALID: CONFIGURING}),
    Row("POST days off, away", "POST", "groups:days_off", lambda c, s: [], {MOVED: CONFIGURING},
        lambda c, s: {"remove": "2090-01-02"}),
]  # fmt: skip

SUBMITTING = ["teacher", "substitute", "teacher_who_is_parent", "colleague", "teacher_elsewhere"]
DRAFTS = [
    Row("GET hand in family", "GET", "messaging:hand_in", lambda c, s: ["family"], {OK: ["council_member"]}),
    Row("GET hand in staff", "GET", "messaging:hand_in", lambda c, s: ["staff"], {OK: SUBMITTING}),
    Row("POST hand in family", "POST", "messaging:hand_in", lambda c, s: ["family"], {INVALID: ["council_member"]}),
    Row("POST hand in staff", "POST", "messaging:hand_in", lambda c, s: ["staff"], {INVALID: SUBMITTING}),
    Row("GET drafts family", "GET", "messaging:drafts", lambda c, s: ["family"], {OK: ["council_member"]}),
    Row("GET drafts staff", "GET", "messaging:drafts", lambda c, s: ["staff"], {OK: WRITERS}),
    post_row("handin", "family", "draft_of_council", {OK: ["council_member"]}),
    post_row("handin", "staff", "draft_of_council", {OK: ["directie"]}),
    post_row("handin", "staff", "draft_of_teacher", {OK: ["teacher", "directie"]}),
    post_row("handin", "family", "draft_of_teacher", {}),
    post_row("handin", "family", "draft_of_council", {REFUSED: ["council_member"]}, method="POST"),
    post_row("handin", "staff", "draft_of_council", {INVALID: ["directie"]}, method="POST"),
    post_row(
        "handin",
        "staff",
        "draft_of_teacher",
        {REFUSED: ["teacher"], INVALID: ["directie"]},
        method="POST",
        data=lambda c, s: {"act": "return", "version": "1"},
    ),
    *(
        post_row("change_handin", hat, which, {went: writer, REFUSED: others}, method=method)
        for method, went in (("GET", MOVED), ("POST", CONFLICT))
        for hat, which, writer, others in (
            ("family", "draft_of_council", ["council_member"], []),
            ("staff", "draft_of_council", [], ["directie"]),
            ("staff", "draft_of_teacher", ["teacher"], ["directie"]),
        )
    ),
    *(
        post_row("withdraw_handin", hat, which, {code: writer, REFUSED: judges}, method=method)
        for method, code in (("GET", OK), ("POST", MOVED))
        for hat, which, writer, judges in (
            ("family", "draft_of_council", ["council_member"], []),
            ("staff", "draft_of_council", [], ["directie"]),
            ("staff", "draft_of_teacher", ["teacher"], ["directie"]),
        )
    ),
    *(
        post_row(route, hat, "post_handed_in", {}, method=method)
        for route, method in (("post", "GET"), ("post", "POST"), ("edit", "GET"), ("retract", "POST"), ("hide", "POST"))
        for hat in ("family", "staff")
    ),
    post_row("viewer", "staff", "post_handed_in", {}, number=1),
]


def act_of(cast: Cast, scene: Scene) -> list[UUID]:
    """Work that the directie of De Linde began; showing what is shown changes nothing."""
    chosen, now = [scene.reply.pk], timezone.now()
    act = begin_act(
        verb="show", kind="reply", chosen=chosen, reason="Toch.", key=uuid4(), by=Actor(cast.directie, Hat.ANY, now)
    )
    return [act.uid]


def desk_row(
    method: str, route: str, args: Pick, expected: Expected, data: Pick = lambda c, s: {}, *, query: str = ""
) -> Row:
    return Row(f"{method} desk {route} {len(expected)}", method, f"desk:{route}", args, expected, data, query)


NO_TALK = "?soort=reply"
"""Not the message of a conversation that another row reports: its words are for two people (`READ_HERE`)."""


AT_DESK = [*DIRECTIES, "case_officer"]
DESK_LISTS = ["berichten", "reacties", "fotos", "kinderen", "verzorgers", "medewerkers", "gebeurd"]
DESK_ACTS = {
    "zaken": (["verberg", "toon", "verwijder"], lambda c, s: case_about("reply")(c, s).pk),
    "berichten": (["verberg", "toon", "verwijder"], lambda c, s: s.post.pk),
    "reacties": (["verberg", "toon", "verwijder"], lambda c, s: s.reply.pk),
    "fotos": (["verwijder"], lambda c, s: Placement.objects.get(writing=s.post).pk),
}
DESK = [
    desk_row("GET", "index", lambda c, s: [], {OK: [*AT_DESK, "ict", "editor"]}),
    desk_row("GET", "state", lambda c, s: [], {OK: [*AT_DESK, "ict"]}),
    desk_row("GET", "zaken", lambda c, s: [], {OK: AT_DESK}, query=NO_TALK),
    desk_row("POST", "zaken_export", lambda c, s: [], {OK: AT_DESK}, lambda c, s: {"ask": NO_TALK[1:]}),
    *(desk_row("GET", name, lambda c, s: [], {OK: DIRECTIES}) for name in DESK_LISTS if name != "medewerkers"),
    *(desk_row("POST", f"{name}_export", lambda c, s: [], {OK: DIRECTIES}) for name in DESK_LISTS),
    desk_row("GET", "zaken_one", lambda c, s: [case_about("reply")(c, s).uid], {OK: ["directie"]}),
    desk_row("GET", "berichten_one", lambda c, s: [s.post.uid], {OK: ["directie"]}),
    desk_row("GET", "berichten_one", lambda c, s: [s.post_retracted.uid], {}),
    desk_row("GET", "berichten_one", lambda c, s: [s.post_handed_in.uid], {}),
    desk_row("GET", "berichten_one", lambda c, s: [s.post_elsewhere.uid], {OK: ["directie_elsewhere"]}),
    desk_row("GET", "reacties_one", lambda c, s: [s.reply.uid], {OK: ["directie"]}),
    desk_row("GET", "reacties_one", lambda c, s: [s.reply_elsewhere.uid], {OK: ["directie_elsewhere"]}),
    desk_row("GET", "reacties_one", lambda c, s: [s.said_by_mother.uid], {}),
    desk_row("GET", "verzorgers_one", lambda c, s: [c.caregiver("mother").uid], {OK: ["directie"]}),
    desk_row(
        "GET",
        "verzorgers_one",
        lambda c, s: [c.caregiver("parent_elsewhere").uid],
        {OK: ["directie_elsewhere"]},
    ),
    desk_row("POST", "verzorgers_print", lambda c, s: [], {MOVED: DIRECTIES}, lambda c, s: {"chosen": "1"}),
    desk_row("GET", "medewerkers_one", lambda c, s: [c.teacher.staff_records.get().uid], {OK: ["directie"]}),
    *(
        desk_row(
            "POST",
            f"{name}_{verb}",
            lambda c, s: [],
            {OK: ["directie"], MOVED: ["directie_elsewhere", *(["case_officer"] if name == "zaken" else [])]},
            lambda c, s, chosen=chosen: {"chosen": chosen(c, s)},
        )
        for name, (verbs, chosen) in DESK_ACTS.items()
        for verb in verbs
    ),
    desk_row("GET", "act", act_of, {OK: ["directie"]}),
    desk_row("GET", "act_progress", act_of, {GONE_BY: ["directie"]}),
]

READS_4_OR_5 = [*FAMILY, "other_parent", "council_member"]


def event_row(route: str, hat: str, which: str, expected: Expected, **more: Any) -> Row:
    """Something in the agenda of the scene."""
    name = f"{more.get('method', 'GET')} agenda {route} {hat} {which}"
    method = more.pop("method", "GET")
    return Row(name, method, f"agenda:{route}", lambda c, s: [hat, getattr(s, which).uid], expected, **more)


def changes_event(route: str, method: str, may: int, **more: Any) -> list[Row]:
    """What its own staff may do: who writes to each of its groups; whoever else reads it is refused."""

    def row(hat: str, which: str, expected: Expected) -> Row:
        return event_row(route, hat, which, expected, method=method, **more)

    return [
        row("staff", "event", {may: STAFF}),
        row("family", "event", {REFUSED: FAMILY}),
        row("staff", "event_of_two", {may: ["directie"], REFUSED: ["teacher", "substitute", "teacher_who_is_parent"]}),
        row("staff", "event_whole_school", {may: ["editor", "directie"], REFUSED: READ_ONLY_STAFF}),
        row("staff", "event_of_team", {may: LINDE_STAFF}),
        row("staff", "event_elsewhere", {may: ELSEWHERE_STAFF}),
        row("staff", "event_cancelled", {MOVED: STAFF}),
    ]


READ_ONLY_STAFF = [name for name in LINDE_STAFF if name not in {"editor", "directie"}]
AGENDA = [
    *(
        Row(f"GET agenda {route} {hat}", "GET", f"agenda:{route}", lambda c, s, hat=hat: [hat], {OK: people})
        for route in ("coming", "month", "sheet")
        for hat, people in (("family", IN_FAMILY), ("staff", WRITERS))
    ),
    Row(
        "GET agenda of another's child",
        "GET",
        "agenda:coming",
        lambda c, s: ["family"],
        {},
        query=f"?kind={uuid4()}",
    ),
    Row("GET agenda new staff", "GET", "agenda:new", lambda c, s: ["staff"], {OK: WRITERS}),
    Row("GET agenda new family", "GET", "agenda:new", lambda c, s: ["family"], {}),
    Row("POST agenda new staff", "POST", "agenda:new", lambda c, s: ["staff"], {INVALID: WRITERS}),
    Row("POST agenda new family", "POST", "agenda:new", lambda c, s: ["family"], {}),
    event_row("event", "family", "event", {OK: FAMILY}),
    event_row("event", "staff", "event", {OK: STAFF}),
    event_row("event", "family", "event_of_two", {OK: READS_4_OR_5}),
    event_row("event", "staff", "event_of_two", {OK: [*STAFF, "teacher_who_is_parent"]}),
    event_row("event", "family", "event_whole_school", {OK: LINDE_FAMILY}),
    event_row("event", "staff", "event_whole_school", {OK: LINDE_STAFF}),
    event_row("event", "family", "event_of_team", {}),
    event_row("event", "staff", "event_of_team", {OK: LINDE_STAFF}),
    event_row("event", "family", "event_elsewhere", {OK: ["parent_elsewhere"]}),
    event_row("event", "staff", "event_elsewhere", {OK: ELSEWHERE_STAFF}),
    event_row("event", "family", "event_cancelled", {OK: FAMILY}),
    *(
        Row(f"{method} own calendar {hat}", method, "agenda:own_calendar", lambda c, s, hat=hat: [hat], {OK: people})
        for method in ("GET", "POST")
        for hat, people in (("family", IN_FAMILY), ("staff", WRITERS))
    ),
    Row("GET a calendar of nobody", "GET", "agenda:feed", lambda c, s: ["van-niemand"], {}),
    event_row("event_file", "family", "event_of_two", {OK: READS_4_OR_5}),
    event_row("event_file", "staff", "event_of_two", {OK: [*STAFF, "teacher_who_is_parent"]}),
    event_row("event_file", "staff", "event_of_team", {OK: LINDE_STAFF}),
    event_row("event_file", "family", "event_of_team", {}),
    event_row("event_file", "family", "event_elsewhere", {OK: ["parent_elsewhere"]}),
    *changes_event("edit", "GET", OK),
    *changes_event("edit", "POST", INVALID),
    *changes_event("cancel", "GET", OK),
    *changes_event("cancel", "POST", MOVED, data=lambda c, s: {"version": 1}),
    *changes_event("skip", "GET", MOVED),
    *changes_event("skip", "POST", MOVED),
]

TABLE = [
    *AGENDA,
    *RATHER_NOT,
    *CHOICES,
    *CONSENT,
    *MESSAGING,
    *PHOTOS,
    *BLURRING,
    *TALK,
    *ROSTER,
    *PEOPLE_AND_LETTERS,
    *DOSSIER,
    *REPORTING,
    *STEERING,
    *RULES,
    *ACCESS,
    *FREQUENCY,
    *DRAFTS,
    *DESK,
]


class Stage(NamedTuple):
    """Cast and scene for the whole table, with everybody signed in once."""

    cast: Cast
    scene: Scene
    clients: dict[str, Client]


@pytest.fixture(scope="module")
def signed_in(standing: Standing) -> Stage:
    return Stage(standing.cast, standing.scene, {name: client_of(standing.cast, name) for name in NAMES})


@pytest.fixture(scope="module")
def as_written(standing: Standing) -> bytes:
    """The scene, to be had anew for each row."""
    return pickle.dumps(standing.scene)


@pytest.fixture
def stage(signed_in: Stage, as_written: bytes) -> Iterator[Stage]:
    """As it was before the first row: whatever a row writes, in memory or in a cookie too, no other row meets."""
    cookies = {name: deepcopy(client.cookies) for name, client in signed_in.clients.items()}
    with transaction.atomic():
        yield Stage(Cast(), pickle.loads(as_written), signed_in.clients)  # noqa: S301 - our own objects
        transaction.set_rollback(True)
    for name, client in signed_in.clients.items():
        client.cookies = cookies[name]


def client_of(cast: Cast, name: str) -> Client:
    client = Client()
    user = cast.user(name)
    if user.is_authenticated:
        client.force_login(user, backend=SIGN_IN)
    return client


ENGINES = ["sqlite", "postgresql"]


def often(place: int, row: Row, engine: str = connection.vendor, *, by_turns: bool) -> list[str]:
    """Whom every run on an engine asks for the row at this place of the table. The night asks everybody on both.

    Whom the row names: on SQLite all of them, on PostgreSQL one for each way to a right; in a run on both, PostgreSQL
    asks every third one of those who get the same answer, SQLite the others, and each one at least. Of those for whom
    nothing is there each engine asks a quarter, in each row others; in a run on both an eighth.
    """
    here, turns = ENGINES.index(engine), 8 if by_turns else 4
    asked = {*NAMES[(place + here * turns // 2) % turns :: turns]} - {
        name for people in row.expected.values() for name in people
    }
    for people in row.expected.values():
        alike = [name for name in NAMES if name in people]
        if by_turns:
            dealt = alike[place % 3 :: 3] or alike[:1]
            asked.update(dealt if engine == "postgresql" else [name for name in alike if name not in dealt] or alike)
        else:
            asked.update(name for name in alike if engine == "sqlite" or name in ONE_OF_EACH)
    return [name for name in NAMES if name in asked]


EVERY_RUN = [often(place, row, by_turns=is_shared()) for place, row in enumerate(TABLE)]
CROWDS = {"often": EVERY_RUN, "everybody": [NAMES] * len(TABLE)}
ASKED = [
    pytest.param(row, names, id=f"{row.name}-{crowd}", marks=[] if crowd == "often" else pytest.mark.nightly)
    for crowd, each_row in CROWDS.items()
    for row, names in zip(TABLE, each_row, strict=True)
]


@pytest.fixture
def _plain_404(monkeypatch: pytest.MonkeyPatch) -> None:
    """To draw the page of what is not there was a quarter of the table: it is drawn for everybody at night, and in
    every run for somebody at each route (tests/failures/test_f05_counting.py)."""
    if is_shared():
        monkeypatch.setattr(portal.urls, "handler404", lambda *_, **__: HttpResponseNotFound(), raising=False)


@pytest.mark.usefixtures("_plain_404")
@pytest.mark.parametrize(("row", "names"), ASKED)
def test_status_for_everybody(stage: Stage, row: Row, names: list[str], settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False
    url = reverse(row.route, args=row.args(stage.cast, stage.scene)) + row.query
    url = url.replace(f"={FIRST_SCHOOL}", f"={stage.cast.linde.uid}")
    found = {name: status(stage, row, url, name) for name in names}
    expected = dict.fromkeys(NAMES, MISSING) | {n: code for code, names in row.expected.items() for n in names}
    expected |= {"anonymous": LOGIN, "inactive": LOGIN} if row.route not in PUBLIC else {}
    assert found == {name: expected[name] for name in names}


def test_a_run_on_both_engines_asks_whom_a_row_names_and_a_quarter_of_the_others() -> None:
    """Each answer on each engine; four rows side by side ask every stranger; the night is `everybody`."""
    each = [[often(place, row, engine, by_turns=True) for engine in ENGINES] for place, row in enumerate(TABLE)]
    asked = [{*one, *other} for one, other in each]
    named = [{name for people in row.expected.values() for name in people} for row in TABLE]
    assert all(those <= everybody for those, everybody in zip(named, asked, strict=True))
    in_fours = zip(*(asked[start:] for start in range(4)), strict=False)
    assert all({*NAMES} == {name for one in four for name in one} for four in in_fours)
    for row, halves in zip(TABLE, each, strict=True):
        assert all({*people} & {*half} for people in row.expected.values() if people for half in halves), row.name
    assert CROWDS["everybody"] == [NAMES] * len(TABLE)


def status(stage: Stage, row: Row, url: str, name: str) -> int | str:
    client = stage.clients[name]
    with transaction.atomic():
        response = client.post(url, row.data(stage.cast, stage.scene)) if row.method == "POST" else client.get(url)
        transaction.set_rollback(True)
    if response.status_code == MOVED and urlsplit(response["Location"]).path == reverse(settings.LOGIN_URL):
        return LOGIN
    return response.status_code


PUBLIC = {
    "health",
    "security_txt",
    "deep_health",
    "metrics",
    "no_line",
    "worker",
    "groups:letter",
    "groups:staff_letter",
    "groups:not_me",
    "groups:unsubscribe",
    "messaging:answer_by_mail",
    "messaging:say_read",
    "agenda:feed",
    "set_language",
    "account_logout",
    "demo:start",
    "demo:sign_in_as",
    "demo:mailbox",
    "demo:mail",
    "demo:mail_layout",
    "style",
}
"""Routes of ours that a stranger may open; those of the demo do not exist in production."""

THIRD_PARTY = {
    "account_change_password",
    "account_complete_password_reset",
    "account_confirm_login_code",
    "account_confirm_password_reset_code",
    "account_email",
    "account_email_verification_sent",
    "account_inactive",
    "account_login",
    "account_password_reset_completed",
    "account_reauthenticate",
    "account_request_login_code",
    "account_reset_password",
    "account_set_password",
    "mfa_activate_totp",
    "mfa_authenticate",
    "mfa_deactivate_totp",
    "mfa_generate_recovery_codes",
    "mfa_index",
    "mfa_list_webauthn",
    "mfa_login_webauthn",
    "mfa_reauthenticate",
    "mfa_remove_webauthn",
    "mfa_view_recovery_codes",
    "password_login",
    "usersessions_list",
}
"""allauth's routes that are mounted; a new one has to be put here by hand, after a look at what it opens."""


def named_routes(ours: bool) -> set[str]:
    return {name for name, view in named(get_resolver()) if (view.__module__.split(".")[0] in our_packages()) is ours}


def named(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            space = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from named(pattern, prefix + space)
        else:
            yield f"{prefix}{pattern.name}", pattern.callback


def test_no_route_is_missing_from_the_table() -> None:
    assert named_routes(ours=True) - {row.route for row in TABLE} == set()


def test_the_routes_of_others_are_these() -> None:
    assert named_routes(ours=False) == THIRD_PARTY


def test_the_public_routes_are_these() -> None:
    public = {name for name, view in named(get_resolver()) if not getattr(view, "login_required", True)}
    assert public & named_routes(ours=True) == PUBLIC


@pytest.mark.parametrize("name", ["mother", "teacher", "directie"])
def test_refused_is_the_same_as_missing(stage: Stage, name: str) -> None:
    """Status, headers and body say nothing about whether it exists (security.md 3)."""
    answers = []
    for uid in (stage.scene.post_elsewhere.uid, uuid4()):
        response = stage.clients[name].get(reverse("messaging:post", args=["family", uid]))
        body = response.content.decode().replace(str(uid), "")
        answers.append((response.status_code, dict(response.headers), body))
    assert answers[0] == answers[1]


def test_rights_end_on_the_next_click(stage: Stage) -> None:
    cast, client = stage.cast, stage.clients["mother"]
    url = reverse("messaging:post", args=["family", stage.scene.post.uid])
    assert client.get(url).status_code == OK
    end_guardianship(guardianship=cast.guardianship("mother", "Noor"), by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert client.get(url).status_code == MISSING
