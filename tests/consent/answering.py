"""Answering as people do: on the page, with the words that stand there."""

from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from consent.asking.services.starting import start_consent
from consent.models import Decision, Purpose, PurposeText
from groups.models import Child, School
from groups.records.domain.ages import born_until
from groups.roles import Hat
from portal.core.actor import Actor
from tests.cast import SIGN_IN, Cast

PAGE = "/thuis/toestemming/"


def begin(cast: Cast, *, now: datetime | None = None) -> None:
    """Both schools ask the starter set."""
    for school, directie in ((cast.linde, cast.directie), (cast.berk, cast.directie_elsewhere)):
        start_consent(school=school, by=Actor(directie, Hat.ANY, now or timezone.now()))


def browser(cast: Cast, name: str, language: str = "en") -> Client:
    """A client with the session of this person, who reads in this language."""
    user: Any = cast.user(name)
    user.language = language
    user.save(update_fields=["language"])
    client = Client()
    client.force_login(user, backend=SIGN_IN)
    return client


def purpose(school: School, key: str) -> Purpose:
    return Purpose.objects.get(school=school, key=key)


def words_read(school: School) -> dict[str, int]:
    """The hidden fields of a page that is opened now."""
    texts = PurposeText.objects.filter(purpose__school=school).order_by("number")
    return {f"words_{text.purpose.uid}": text.number for text in texts.select_related("purpose")}


def tap(client: Client, child: Child, read: dict[str, int] | None = None, **button: Any) -> Any:
    """Press one button on the card of this child."""
    fields = {**(words_read(child.school) if read is None else read), **button}
    return client.post(f"{PAGE}{child.uid}/", fields)


def rewrite(asked: Purpose, text: str, *, by: Any, now: datetime) -> PurposeText:
    """The school gives this purpose new words."""
    last = PurposeText.objects.filter(purpose=asked).latest("number")
    return PurposeText.objects.create(
        purpose=asked,
        number=last.number + 1,
        title_nl=last.title_nl,
        title_en=last.title_en,
        text_nl=text,
        text_en=text,
        written_by=by,
        written_at=now,
    )


def turn_16(child: Child, *, in_days: int = 0) -> Child:
    """Give this child its 16th birthday in so many days."""
    child.birth_on = born_until(timezone.now()) + timedelta(days=in_days)
    child.save(update_fields=["birth_on"])
    return child


def said(child: Child) -> list[tuple[str, str, int]]:
    """Every row about this child: purpose, answer, version of the words; in the order they came in."""
    rows = Decision.objects.filter(child=child).order_by("pk")
    return list(rows.values_list("purpose__key", "says", "text_version"))
