"""The style page of the trial version: every component in its states, drawn from invented samples."""

from datetime import datetime, timedelta
from types import SimpleNamespace as Sample
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from groups.accounts.services.hats import Sign
from groups.doors.context import Item, Menu, MenuLink, News
from groups.roles import Hat
from messaging.asks.domain import DO, DONE, YES_NO
from messaging.asks.services.board import AskRow, Board, BoardAsk, ForChild
from messaging.writings.services.audience import Audience
from portal.core import access
from portal.core.domain.moments import school_day

COLOURS = ["rood", "oranje", "geel", "groen", "lucht", "inkt", "pruim", "roze"]
SHAPES = ["rond", "huis", "hoek", "vierkant", "boog", "zes", "ruit", "kwart"]
LABELS = ["1/2", "3", "4", "5", "6", "7/8", "MR", "OR"]
LEVELS = ["with_authority", "daily_carer", "unverified", "without_authority", "admitted_reader", "contact_ban"]

NOTHING: dict[str, Any] = {"pk": 0, "uid": UUID(int=0), "year_level": "", "school": ""}
GROUPS = [
    Sign(
        kind="council" if label in {"MR", "OR"} else "class",
        label=label,
        colour=colour,
        shape=shape,
        name=name,
        **NOTHING,
    )
    for label, colour, shape, name in zip(
        LABELS, COLOURS, SHAPES, [*(f"Groep {label}" for label in LABELS[:6]), *LABELS[6:]], strict=True
    )
]
SCHOOL = Sign(kind="school", label="", colour="", shape="", name="Hele school", **NOTHING)
FOUR, SIX = GROUPS[2], GROUPS[4]
NOOR, ILYAS = (
    Sample(uid=UUID(int=colour), first_name=name, colour=colour, answers=True)
    for colour, name in enumerate(["Noor", "Ilyas"], start=1)
)


class SampleForm(forms.Form):
    """One field of each sort."""

    title = forms.CharField(label=_("Title"), max_length=120, help_text=_("At most 120 characters."))
    text = forms.CharField(label=_("Message"), widget=forms.Textarea(attrs={"rows": 4}))
    code = forms.CharField(label=_("Code of six digits"), widget=forms.TextInput(attrs={"inputmode": "numeric"}))
    email = forms.EmailField(label=_("Your e-mail address"))
    kind = forms.ChoiceField(label=_("Kind of message"), choices=[("update", "Nieuws"), ("lesson", "Les")])
    replies = forms.ChoiceField(
        label=_("May parents reply?"), choices=[("on", "Ja"), ("staff", "Alleen aan mij")], widget=forms.RadioSelect
    )
    groups = forms.MultipleChoiceField(
        label=_("For which groups?"),
        choices=[("4", "Groep 4"), ("6", "Groep 6")],
        widget=forms.CheckboxSelectMultiple,
    )
    sure = forms.BooleanField(label=_("I have read it once more"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["replies"].option_hints = {"on": "Alle ouders van groep 4 lezen de reacties."}  # type: ignore[attr-defined]


class SampleDecision(forms.Form):
    """What is decided about a case, as `moderation/_decide.html` shows it."""

    choice = forms.ChoiceField(
        label=_("What do you do?"),
        choices=[
            ("keep", _("Leave it as it is")),
            ("hide", _("Take it away for now")),
            ("gone", _("Take it away for good")),
        ],
        widget=forms.RadioSelect,
    )
    told = forms.CharField(label=_("Why?"), widget=forms.Textarea(attrs={"rows": 3}))
    reason = forms.CharField(label=_("Another reason for the dossier"), widget=forms.Textarea(attrs={"rows": 2}))
    withheld_because = forms.CharField(label=_("Do not tell it yet, because"), widget=forms.Textarea(attrs={"rows": 2}))
    speaks = forms.BooleanField(label="Schrijf Esther Visser een vriendelijk woord")
    kind_word = forms.CharField(label=_("Your kind word"), widget=forms.Textarea(attrs={"rows": 4}))
    closes = forms.BooleanField(label=_("Close the case"))
    is_untrue = forms.BooleanField(label=_("What was reported was not true"))


@access.declares("Anybody, in the trial version only: components with invented samples, nothing of a school.")
@login_not_required
@require_safe
def style(request: HttpRequest) -> HttpResponse:
    now = request.now  # type: ignore[attr-defined]
    return render(
        request,
        "stijl/index.html",
        {
            "nav": _nav(),
            "groups": GROUPS,
            "school_group": SCHOOL,
            "kids": [NOOR, ILYAS, Sample(first_name="Sem", colour=3), Sample(first_name="Tess", colour=4)],
            "levels": LEVELS,
            "picks": _picks(),
            "hat": Hat.FAMILY,
            "board": _board(now),
            "called": Sample(uid=UUID(int=9), placed_at=now),
            "posts": _posts(now),
            "answers": _replies(now),
            "audiences": _audiences(),
            "sheet": _sheet(now),
            "case": Sample(uid=UUID(int=10)),
            "about": Sample(name="Esther Visser"),
            "reads": {
                "hidden": "Uw reactie is even weg.",
                "shown": "Uw reactie staat er weer.",
                "removed": "Uw reactie is weg.",
            },
            "decide": SampleDecision(),
            "empty_form": SampleForm(initial={"replies": "on"}, prefix="leeg"),
            "refused_form": SampleForm(
                {"mis-title": "Kleien in de kring", "mis-email": "karima.post.nl", "mis-code": "12345"}, prefix="mis"
            ),
            "moments": [
                now - back for back in (timedelta(), timedelta(days=1), timedelta(days=9), timedelta(days=400))
            ],
        },
    )


def _nav() -> dict[str, object]:
    places = (
        Item("#", "newspaper", "Berichten", current="page"),
        Item("#", "messages-square", "Gesprekken", current="", news=News(2, "2 nieuw")),
        Item("#", "pencil", "Schrijven", current=""),
    )
    return {
        "demo": True,
        "school": "De Klinkerhoek",
        "menu": Menu(places),
        "groups": tuple(("#", group, "") for group in (FOUR, SIX, SCHOOL)),
        "person": MenuLink("#", "Karima Bouzid"),
        "hat_switch": MenuLink("#", "Naar school als medewerker"),
    }


def _picks() -> list[dict[str, object]]:
    return [
        {"url": "#", "label": "Alles", "current": True},
        {"url": "#", "kid": NOOR},
        {"url": "#", "kid": ILYAS},
        {"url": "#", "label": "Nakijken", "count": 2},
    ]


def _board(now: datetime) -> Board:
    """A question about two children, something to bring, and one that is answered."""
    day = school_day(now) + timedelta(days=4)

    def one(number: int, title: str, ask: str, *of_children: ForChild) -> BoardAsk:
        until = day - timedelta(days=2) if ask == YES_NO else None
        along, text = "een oud overhemd" if ask == DO else "", "Van half negen tot twaalf."
        row = AskRow(number, UUID(int=number), 0, 0, title, text, ask, day, until, None, None, along, language="nl")
        return BoardAsk(row, of_children, is_open=True, is_anew=False)

    def each(answer: str, *children: Sample) -> list[ForChild]:
        return [ForChild(child, answer, is_overruled=False) for child in children]  # type: ignore[arg-type]

    return Board(
        [
            one(1, "Gaat uw kind mee naar het bos?", YES_NO, *each("", NOOR, ILYAS)),
            one(2, "Schort mee voor de kleiles", DO, *each("", NOOR)),
        ],
        [one(3, "Lampion mee", DO, *each(DONE, ILYAS))],
    )


def _posts(now: datetime) -> list[Sample]:
    text = "<p>Vandaag hebben we gekleid. Volgende week bakken we alles in de oven.</p>"
    common = {
        "html": text,
        "published_at": now - timedelta(hours=2),
        "edited_at": None,
        "is_hidden": False,
        "lang": "nl",
        "may_edit": False,
        "may_retract": False,
        "may_hide": False,
        "may_show": False,
        "group": FOUR,
        "author_name": "juf Anna",
        "kids": [],
    }
    states: list[dict[str, object]] = [
        {"title": "Kleien in de kring", "replies": "on", "kids": [NOOR]},
        {"title": "Gym in de grote zaal", "replies": "staff", "groups_named": [FOUR, SIX], "kids": [NOOR, ILYAS]},
        {"title": "Denk mee over de schooltijden", "replies": "off", "group": SCHOOL, "author_name": "namens de MR"},
        {
            "title": "Verborgen bericht",
            "replies": "off",
            "is_hidden": True,
            "may_hide": True,
            "may_show": True,
            "edited_at": now,
        },
        {"title": "Mijn eigen bericht", "replies": "on", "may_edit": True, "may_retract": True, "may_hide": True},
    ]
    return [Sample(**{**common, "uid": f"voorbeeld-{place}", **state}) for place, state in enumerate(states, start=1)]


def _sheet(now: datetime) -> list[SafeString]:
    """Three short messages of one day: the first a card of its own, the others on its sheet."""
    cards = _posts(now)[:1] * 3
    drawn = [
        render_to_string(
            "_components/post_card.html", {"post": card, "now": now, "place_slot": f"kort-{place}", "url": "#"}
        )
        for place, card in enumerate(cards)
    ]
    first, *others = drawn
    return [first, *(SafeString(card.replace('"sheet post"', '"sheet post same"')) for card in others)]


def _replies(now: datetime) -> list[Sample]:
    lines: list[tuple[str, str, str, dict[str, object]]] = [
        ("Saskia Oosting", "", "Mag het schort ook morgen mee?", {}),
        ("juf Anna", "groep 4", "Ja, dat mag.", {"edited_at": now}),
        ("Karima Bouzid", "", "Noor neemt een oud overhemd mee.", {"is_mine": True}),
        ("Gerben Drijfhout", "", "Dit is voor ouders niet te zien.", {"is_hidden": True}),
    ]
    return [
        Sample(
            uid=f"reactie-{place}",
            author_name=name,
            author_function=function,
            published_at=now - timedelta(minutes=90 - place),
            html=f"<p>{text}</p>",
            lang="nl",
            **{"edited_at": None, "is_mine": False, "is_hidden": False, **more},
        )
        for place, (name, function, text, more) in enumerate(lines)
    ]


def _audiences() -> list[Audience]:
    drawn: list[Any] = [FOUR, SIX, SCHOOL]
    return [
        Audience([drawn[0]], families=26, joined=23, people=0),
        Audience([drawn[0], drawn[1]], families=51, joined=51, people=0),
        Audience([drawn[2]], families=212, joined=180, people=0),
        Audience([], families=0, joined=0, people=0),
    ]
