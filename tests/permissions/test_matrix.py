"""Every route × every person → status: a literal table, to be read as the specification.

404: may not know that it exists. 403: sees it, but has not this power. 422: may, but the form is not filled in.
A stranger is sent to sign in everywhere, except on the routes of `PUBLIC`.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from groups.models import RosterUpload, School, UploadState
from groups.services.guardianships import end_guardianship
from groups.services.unsubscribing import unsubscribe_token
from portal.core import access
from portal.core.checks import OURS
from tests.cast import FAMILY, NAMES, PEOPLE, SIGN_IN, STAFF, Cast, build
from tests.scene import Scene, write

OK, MOVED, REFUSED, MISSING, INVALID, GONE_BY = 200, 302, 403, 404, 422, 204
LOGIN = "sign in"
SIGNED_IN = [name for name in PEOPLE if name != "inactive"]

READS_5 = ["other_parent", "parent_of_two", "council_member"]
STAFF_5 = ["teacher_who_is_parent", "directie"]
LINDE_FAMILY = [*FAMILY, "other_parent", "council_member"]
LINDE_STAFF = [*STAFF, "teacher_who_is_parent", "colleague", "editor"]
ELSEWHERE_STAFF = ["teacher_elsewhere", "directie_elsewhere"]
WRITERS = [*LINDE_STAFF, *ELSEWHERE_STAFF]
"""Who has somewhere to write in the staff hat: a class, the team or the whole school."""

Expected = dict[int | str, Iterable[str]]
Pick = Callable[[Cast, Scene], Any]


IN_FAMILY = [*LINDE_FAMILY, "parent_elsewhere"]
IN_NO_GROUP = [name for name in SIGNED_IN if name not in {*IN_FAMILY, *WRITERS}]
"""Signed in and in no group now: an empty feed in the family hat says so."""


class Row(NamedTuple):
    """One route, one method, one object; everybody not named gets 404."""

    name: str
    method: str
    route: str
    args: Pick
    expected: Expected
    data: Pick = lambda cast, scene: {}
    query: str = ""


def post_row(route: str, hat: str, which: str, expected: Expected, *, method: str = "GET", **more: Any) -> Row:
    name = f"{method} {route} {hat} {which}"
    return Row(
        name, method, f"messaging:{route}", lambda cast, scene: [hat, getattr(scene, which).uid], expected, **more
    )


def group_row(hat: str, key: str, expected: Expected, school: str = "99CA") -> Row:
    name = f"GET group {hat} {school} {key}"
    return Row(name, "GET", "messaging:group", lambda cast, scene: [hat, cast.group(key, school).uid], expected)


def key(*_: Any) -> str:
    return str(uuid4())


def answer(cast: Cast, scene: Scene) -> dict[str, str]:
    return {"text": "Dank je wel", "submission_key": key()}


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
    post_row("hide", "staff", "post", {MOVED: STAFF}, method="POST"),
    post_row("hide", "family", "post", {REFUSED: FAMILY}, method="POST"),
    post_row("hide", "staff", "post_groep_5", {MOVED: STAFF_5}, method="POST"),
    post_row(
        "hide",
        "staff",
        "post_whole_school",
        {
            MOVED: ["directie"],
            REFUSED: [n for n in LINDE_STAFF if n != "directie"],
        },
        method="POST",
    ),
    post_row("show", "staff", "post_hidden", {MOVED: STAFF}, method="POST"),
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
    post_row("hide_reply", "staff", "reply", {MOVED: STAFF}, method="POST"),
    post_row("hide_reply", "family", "reply", {REFUSED: FAMILY}, method="POST"),
    post_row("hide_reply", "staff", "reply_to_teacher", {MOVED: STAFF}, method="POST"),
    post_row("hide_reply", "staff", "reply_elsewhere", {MOVED: ELSEWHERE_STAFF}, method="POST"),
    post_row("show_reply", "staff", "reply_hidden", {MOVED: STAFF}, method="POST"),
    post_row("show_reply", "family", "reply_hidden", {REFUSED: ["parent_of_two"]}, method="POST"),
    Row("GET compose staff", "GET", "messaging:compose", lambda c, s: ["staff"], {OK: WRITERS}),
    Row("GET compose family", "GET", "messaging:compose", lambda c, s: ["family"], {OK: ["council_member"]}),
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

TALK = [
    Row("GET threads family", "GET", "messaging:threads", lambda c, s: ["family"], {OK: PARENTS}),
    Row("GET threads staff", "GET", "messaging:threads", lambda c, s: ["staff"], {OK: TEACHERS}),
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
    post_row("thread", "family", "talk_both", {MOVED: ["mother", "father"]}, method="POST", data=answer),
    post_row("thread", "staff", "talk_both", {MOVED: ["teacher"]}, method="POST", data=answer),
    post_row("thread", "family", "talk_mother", {OK: ["mother"]}),
    post_row("thread", "staff", "talk_mother", {OK: ["teacher"]}),
    post_row("thread", "family", "talk_mother", {MOVED: ["mother"]}, method="POST", data=answer),
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


def signature_row(route: str, method: str, expected: Expected) -> Row:
    """The name of the teacher of groep 4."""
    return Row(
        f"{method} {route}",
        method,
        f"groups:{route}",
        lambda cast, scene: [cast.teacher.staff_records.get().uid],
        expected,
        lambda cast, scene: {"display_name": "juf Anna", "function": "leerkracht groep 4"},
    )


def unsubscribe_link(cast: Cast, scene: Scene) -> list[Any]:
    """The link in a mail to Noor's mother: who holds it may stop that mail, signed in or not."""
    return [unsubscribe_token(user=cast.mother, school=cast.linde)]


def task_row(route: str, task: str, expected: Expected, *, method: str = "GET") -> Row:
    """A seat for Noor's mother, or a role for the teacher of groep 4."""

    def args(cast: Cast, scene: Scene) -> list[Any]:
        if route == "caregiver_task":
            return [cast.guardianship("mother", "Noor").uid, cast.group(task).uid]
        return [cast.teacher.staff_records.get().uid, task]

    return Row(f"{method} {route} {task}", method, f"groups:{route}", args, expected, lambda c, s: {"act": "give"})


NIL = "00000000-0000-0000-0000-000000000000"
BOTH_DIRECTIES = ["directie", "directie_elsewhere"]
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
    Row("GET home", "GET", "home", lambda c, s: [], {MOVED: [*IN_FAMILY, *WRITERS], OK: IN_NO_GROUP}),
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
    Row("GET letter", "GET", "groups:letter", lambda c, s: [], {OK: NAMES}),
    Row("POST letter", "POST", "groups:letter", lambda c, s: [], {INVALID: NAMES}, lambda c, s: {"code": ""}),
    Row("GET school", "GET", "groups:school", lambda c, s: [], {OK: [*BOTH_DIRECTIES, "ict"]}),
    Row("POST school", "POST", "groups:school", lambda c, s: [], {INVALID: [*BOTH_DIRECTIES, "ict"]}),
    Row("GET contact", "GET", "groups:contact", lambda c, s: [], {OK: SIGNED_IN}),
    Row("POST contact without a school", "POST", "groups:contact", lambda c, s: [], {}),
    Row(
        "POST contact of the first school",
        "POST",
        "groups:contact",
        lambda c, s: [],
        {MOVED: LINDE_FAMILY},
        lambda c, s: {"school": str(c.linde.uid), "way": "none"},
    ),
    Row("GET unsubscribe", "GET", "groups:unsubscribe", unsubscribe_link, {OK: NAMES}),
    Row("POST unsubscribe", "POST", "groups:unsubscribe", unsubscribe_link, {OK: NAMES}),
    Row("GET unsubscribe with another token", "GET", "groups:unsubscribe", lambda c, s: ["x"], {}),
    signature_row("signature", "GET", {OK: ["directie"]}),
    signature_row("signature", "POST", {MOVED: ["directie"]}),
    signature_row("own_signature", "GET", {OK: ["teacher"]}),
    signature_row("own_signature", "POST", {MOVED: ["teacher"]}),
    signature_row("own_hours", "GET", {OK: ["teacher"]}),
    signature_row("own_hours", "POST", {INVALID: ["teacher"]}),
    Row("GET people", "GET", "groups:people", lambda c, s: [], {OK: BOTH_DIRECTIES}),
    Row("GET staff", "GET", "groups:staff", lambda c, s: [], {OK: BOTH_DIRECTIES}),
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
    signature_row("staff_tasks", "GET", {OK: ["directie"]}),
    task_row("staff_task", "editor", {OK: ["directie"]}),
    task_row("staff_task", "editor", {MOVED: ["directie"]}, method="POST"),
    task_row("staff_task", "directie", {}),
    guardianship_row("unlink", {OK: ["directie"]}),
    guardianship_row("unlink", {MOVED: ["directie"]}, method="POST"),
    Row("GET health", "GET", "health", lambda c, s: [], {OK: NAMES}),
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


def viewer_row(hat: str, which: str, expected: Expected, number: int = 1) -> Row:
    name = f"GET viewer {hat} {which} {number}"
    return Row(name, "GET", "messaging:viewer", lambda c, s: [hat, getattr(s, which).uid, number], expected)


def album_row(hat: str, key: str, expected: Expected) -> Row:
    name = f"GET album {hat} {key}"
    return Row(name, "GET", "messaging:album", lambda c, s: [hat, c.group(key).uid], expected)


IN_4, IN_5 = [*FAMILY, *STAFF], [*READS_5, *STAFF_5]
PHOTOS = [
    photo_row("post", {OK: IN_4}),
    photo_row("post", {OK: IN_4}, side=1600),
    photo_row("post", {}, side=800),
    photo_row("post_groep_5", {OK: IN_5}),
    photo_row("post_whole_school", {OK: [*LINDE_FAMILY, *LINDE_STAFF]}),
    photo_row("post_elsewhere", {OK: [*ELSEWHERE_STAFF, "parent_elsewhere"]}),
    photo_row("post_hidden", {OK: STAFF}),
    photo_row("post_retracted", {}),
    Row("GET photo lying", "GET", "messaging:photo", lambda c, s: [s.photo_lying.uid, 400], {OK: ["teacher"]}),
    Row("GET photo by a post's number", "GET", "messaging:photo", lambda c, s: [s.post.uid, 400], {}),
    viewer_row("family", "post", {OK: FAMILY}),
    viewer_row("staff", "post", {OK: STAFF}),
    viewer_row("staff", "post", {}, number=2),
    viewer_row("staff", "post", {}, number=0),
    viewer_row("staff", "post_hidden", {OK: STAFF}),
    viewer_row("staff", "post_retracted", {}),
    viewer_row("family", "post_elsewhere", {OK: ["parent_elsewhere"]}),
    album_row("family", "G4", {OK: FAMILY}),
    album_row("staff", "G4", {OK: STAFF}),
    album_row("family", "G5", {OK: READS_5}),
    album_row("family", "@school", {OK: LINDE_FAMILY}),
    Row("POST upload staff", "POST", "messaging:upload_photo", lambda c, s: ["staff"], {INVALID: WRITERS}),
    Row("POST upload family", "POST", "messaging:upload_photo", lambda c, s: ["family"], {INVALID: ["council_member"]}),
    post_row(
        "phone_cleared", "staff", "post", {MOVED: ["teacher"], REFUSED: ["substitute", "directie"]}, method="POST"
    ),
    post_row("phone_cleared", "family", "post", {REFUSED: FAMILY}, method="POST"),
]

TABLE = [*MESSAGING, *PHOTOS, *TALK, *ROSTER, *PEOPLE_AND_LETTERS]


class Stage(NamedTuple):
    """Cast and scene in one transaction for the whole table, with everybody signed in once."""

    cast: Cast
    scene: Scene
    clients: dict[str, Client]


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    with django_db_blocker.unblock(), transaction.atomic():
        access.forget_permissions()
        cast = Cast() if School.objects.filter(brin="99CA").exists() else build(timezone.now())
        scene = write(cast, timezone.now())
        yield Stage(cast, scene, {name: client_of(cast, name) for name in NAMES})
        transaction.set_rollback(True)


def client_of(cast: Cast, name: str) -> Client:
    client = Client()
    user = cast.user(name)
    if user.is_authenticated:
        client.force_login(user, backend=SIGN_IN)
    return client


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_status_for_everybody(stage: Stage, row: Row, settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False
    url = reverse(row.route, args=row.args(stage.cast, stage.scene)) + row.query
    found = {name: status(stage, row, url, name) for name in NAMES}
    expected = dict.fromkeys(NAMES, MISSING) | {n: code for code, names in row.expected.items() for n in names}
    expected |= {"anonymous": LOGIN, "inactive": LOGIN} if row.route not in PUBLIC else {}
    assert found == expected


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
    "groups:letter",
    "groups:unsubscribe",
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
    return {name for name, view in named(get_resolver()) if (view.__module__.split(".")[0] in OURS) is ours}


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
def test_refused_is_the_same_as_missing(cast: Cast, scene: Scene, name: str) -> None:
    """Status, headers and body say nothing about whether it exists (security.md 3)."""
    client = client_of(cast, name)
    answers = []
    for uid in (scene.post_elsewhere.uid, uuid4()):
        response = client.get(reverse("messaging:post", args=["family", uid]))
        body = response.content.decode().replace(str(uid), "")
        answers.append((response.status_code, dict(response.headers), body))
    assert answers[0] == answers[1]


def test_rights_end_on_the_next_click(cast: Cast, scene: Scene) -> None:
    client = client_of(cast, "mother")
    url = reverse("messaging:post", args=["family", scene.post.uid])
    assert client.get(url).status_code == OK
    end_guardianship(guardianship=cast.guardianship("mother", "Noor"), by=cast.directie, now=timezone.now())
    assert client.get(url).status_code == MISSING
