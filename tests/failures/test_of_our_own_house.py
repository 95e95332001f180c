"""What fresh eyes did to Kring itself on 21 November 2026, done again (docs/failures.md).

The fifth, a pooler that swapped two feeds, needs a real PgBouncer: `tests/deploy/test_pooler.py`.
"""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings as configured
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from groups import tasks
from groups.models import Caregiver, RosterUpload, StaffAssignment, UploadState
from messaging.photos.services import images
from portal.core import codes
from portal.core.media import decoding, turns
from portal.core.media.turns import turn_of
from portal.core.models import Code, TakenTries, User
from tests.cast import _CAREGIVERS, _PUPILS, SIGN_IN, Cast, address, caregivers_csv, edex
from tests.mail.delivering import deliver_fast
from tests.media import hostile
from tests.messaging.conftest import NOW, Town, later
from tests.messaging.pages import FAMILY, STAFF, url
from tests.messaging.talk import start
from tests.scene import Scene

pytestmark = pytest.mark.django_db
RESET, RESET_CODE = "/inloggen/wachtwoord-vergeten/", "/inloggen/wachtwoord-vergeten/code/"
DOOR_OF_LETTER, CODE_PAGE = "/brief/", "/inloggen/code/"
TIMES = 39


def copy_of(browser: Client) -> Client:
    """Another session with the same content: it counts for itself what it has tried."""
    cookie = configured.SESSION_COOKIE_NAME
    session = SessionStore()
    session.update(dict(SessionStore(browser.cookies[cookie].value).items()))
    session.create()
    other = Client()
    other.cookies[cookie] = str(session.session_key)
    return other


def test_the_reset_code_is_compared_five_times_and_not_thirty_nine(cast: Cast) -> None:
    browser = Client()
    browser.post(RESET, {"email": address("mother")})
    right = codes.characters(Code.objects.get(), address("mother"))
    copies = [copy_of(browser) for _ in range(TIMES)]
    for number, copy in enumerate(copies):
        copy.post(RESET_CODE, {"code": f"{(int(right) + 1 + number) % 1_000_000:06d}"})
    assert sum(TakenTries.objects.filter(action="guess.account").values_list("taken", flat=True)) == 5
    browser.post(RESET_CODE, {"code": right})
    code = Code.objects.get()
    assert (code.tries_left, code.used_at) == (0, None)
    assert "_auth_user_id" not in browser.session


def test_a_head_teacher_who_puts_herself_in_the_roster_reads_no_conversation_of_the_class(
    cast: Cast, scene: Scene, settings: Any, tmp_path: Any
) -> None:
    """As a teacher of groep 4 and as somebody with authority over Noor, in files that she hands in and confirms."""
    settings.KRING_SECOND_FACTOR, settings.KRING_DATA_DIR = False, tmp_path
    now, client = timezone.now(), Client()
    client.force_login(cast.directie, backend=SIGN_IN)
    roster = edex("99CA", now, pupils={**_PUPILS["99CA"], "Daan": "G4"}, more_staff={"directie": "G4"})
    parents = caregivers_csv([*_CAREGIVERS["99CA"], ("Daan", "future_parent", "ja"), ("Noor", "directie", "ja")])
    files = {"roster": SimpleUploadedFile("99CA.xml", roster), "caregivers": SimpleUploadedFile("lijst.csv", parents)}
    client.post(reverse("groups:roster"), {"key": str(uuid4()), **files})
    upload = work(RosterUpload.objects.get())
    form = {"shown": upload.fingerprint, "leavers": "on"}
    client.post(reverse("groups:confirm_roster", args=[upload.uid]), form)
    assert work(upload).state == UploadState.APPLIED
    assert StaffAssignment.objects.filter(staff__user=cast.directie, group=cast.groep_4).exists()
    with time_machine.travel(now + timedelta(days=2), tick=False):
        for talk in (scene.talk_both, scene.talk_mother, scene.talk_jet):
            for hat in ("staff", "family"):
                assert client.get(reverse("messaging:thread", args=[hat, talk.uid])).status_code == 404


def work(upload: RosterUpload) -> RosterUpload:
    tasks.work_on_roster(upload.pk)
    upload.refresh_from_db()
    return upload


def test_who_printed_a_letter_and_uses_it_reads_nothing_that_was_said_to_the_mother(
    town: Town, browser_of: Any, settings: Any
) -> None:
    """Petra prints the letter for Pim's mother, types the code herself, and gives an address that is hers."""
    settings.KRING_SECOND_FACTOR = False
    Caregiver.objects.filter(pk=town.caregiver["Nienke"].pk).update(email="nienke@post.example")
    said = {"title": "Pim is verdrietig", "text": "Kunt u bellen?", "now": later(hours=-1)}
    talk = start(town, "Anna", child="Pim", parents=("Nienke",), **said)
    row = town.caregiver["Nienke"].guardianships.get()
    sheet = (
        browser_of("Petra").post(reverse("groups:print_one", args=[row.uid]), {"key": str(uuid4())}).content.decode()
    )
    [code] = set(re.findall(r"(?<![\w-])[A-Z2-9]{4}-[A-Z2-9]{4}(?![\w-])", sheet))
    thief = Client()
    typed = {"code": code, "born_on": "2-3-2018", "email": "petra.prive@post.example"}
    assert thief.post(DOOR_OF_LETTER, typed)["Location"] == CODE_PAGE
    deliver_fast()
    [digits] = [re.search(r"\b(\d{3}-\d{3})\b", str(one.body)) for one in mail.outbox if one.to == [typed["email"]]]
    assert digits
    thief.post(CODE_PAGE, {"code": digits[1]})
    assert Caregiver.objects.get(pk=town.caregiver["Nienke"].pk).user == User.objects.get(email=typed["email"])
    assert thief.get(url("thread", FAMILY, talk.uid)).status_code == 404
    mail.outbox.clear()
    deliver_fast()
    [told] = [one for one in mail.outbox if one.to == ["nienke@post.example"]]
    link = re.search(r"/brief/dat-ben-ik-niet/[^\s\"<]+", str(told.body))
    assert link
    assert Client().post(link[0]).status_code in {200, 302}
    with time_machine.travel(later(days=8), tick=False):
        assert thief.get(url("thread", FAMILY, talk.uid)).status_code in {302, 404}
        assert Caregiver.objects.get(pk=town.caregiver["Nienke"].pk).user is None


def test_a_photo_of_66_kb_that_takes_a_minute_to_look_at_stops_nobody(
    town: Town, browser_of: Any, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one is looked at the next waits, without a process of its own, and everybody reads on."""
    settings.KRING_DATA_DIR = tmp_path
    for module in (turns, images):
        monkeypatch.setattr(module, "places", lambda: 1)
    begun: list[object] = []
    monkeypatch.setattr(decoding.subprocess, "Popen", lambda *words, **_: begun.append(words))
    costly = hostile.scans(1200)
    assert len(costly) < 80_000
    anna = browser_of("Anna")
    with turn_of(town.user["Joost"], now=NOW):
        answers = [
            anna.post(url("upload_photo", STAFF), {"photo": SimpleUploadedFile("foto.jpg", costly, "image/jpeg")})
            for _ in range(3)
        ]
        assert [answer.status_code for answer in answers] == [202] * 3
        assert browser_of("Karima").get(url("feed", FAMILY)).status_code == 200
    assert begun == []
