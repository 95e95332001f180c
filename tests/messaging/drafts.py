"""How the tests hand in drafts and judge them."""

from datetime import datetime
from typing import Any

from groups.roles import Hat, Role
from messaging.handins.services import handins
from messaging.models import Handin
from messaging.photos.services.placements import pictures_of
from messaging.posts.services.posts import Draft
from portal.core.actor import Actor
from tests.messaging.conftest import NOW, Town

WORDS = {"topic": "notice", "title": "De MR zoekt leden", "text": "Wie denkt er met ons mee?", "replies": "off"}
WAYS: dict[str, dict[str, Any]] = {
    "council": {"by": "Lotte", "hat": Hat.FAMILY, "group": "@school", "council": "@mr"},
    "school": {"by": "Anna", "hat": Hat.STAFF, "group": "@school"},
    "advice": {"by": "Anna", "hat": Hat.STAFF, "group": "g4"},
}
"""Who hands in what: Lotte for the MR, Anna for the whole school, and Anna in doubt about groep 4."""


def draft(pictures: Any = (), declared: bool = True, not_children: Any = (), **changed: str) -> Draft:
    return Draft({**WORDS, **changed}, pictures=pictures, declared=declared, not_children=not_children)


def hand_in(town: Town, kind: str = "council", *, now: datetime = NOW, **more: Any) -> Handin:
    """A draft handed in; on behalf of the MR unless said otherwise."""
    way = {**WAYS[kind], **{name: more.pop(name) for name in ("by", "hat", "group", "council") if name in more}}
    council = way.get("council")
    key = more.pop("submission_key", None)
    return handins.hand_in(
        kind=kind,
        group=town.group[way["group"]],
        council=town.group[council] if council else None,
        draft=draft(**more),
        by=Actor(town.user[way["by"]], way["hat"], now),
        submission_key=key,
    )


def act_on(town: Town, handin: Handin, act: str, by: str = "", *, now: datetime = NOW, **more: Any) -> Handin:
    """What somebody does with it: Petra judges, its writer does the rest."""
    way = WAYS[handin.kind]
    fresh = Handin.objects.select_related("post").get(pk=handin.pk)
    judging = act in ("approve", "return", "agree")
    how: dict[str, Any] = {
        "handin": handin,
        "by": Actor(town.user[by or ("Petra" if judging else way["by"])], Hat.ANY if judging else way["hat"], now),
    }
    if act != "withdraw":
        how["version"] = more.pop("version", fresh.version)
    if act == "return":
        how["word"], how["draft"] = more.pop("word", "Kan het korter?"), more.pop("draft", None)
    if act in ("approve", "again", "place"):
        pictures = more.pop("pictures", pictures_of(fresh.post))
        own = {name: getattr(fresh.post, name) for name in WORDS}
        how["draft"] = draft(pictures, **{**own, **more})
    return DOES[act](**how)


DOES = {
    "approve": handins.approve_handin,
    "return": handins.return_handin,
    "agree": handins.agree_handin,
    "again": handins.hand_in_again,
    "place": handins.place_handin,
    "withdraw": handins.withdraw_handin,
}


def add_editor(town: Town, name: str = "Els") -> None:
    town.add_staff(name, "redacteur", Role.EDITOR)
    town.sync()


def finders(town: Town, handin: Handin, *, now: datetime = NOW) -> set[tuple[str, str]]:
    """Who of the town finds this draft, in which hat."""
    return {
        (name, hat.value)
        for name, user in town.user.items()
        for hat in Hat
        if Handin.objects.visible_to(Actor(user, hat, now)).filter(pk=handin.pk).exists()
    }
