"""What a form sends is asked like what stands in an address: another's uid in a field is as good as nobody's.

No list of forms: they are read from the pages of the permission matrix, so that a new one is tried from its first day.
In every field that names a thing by its uid, or by a number out of a list, stands in turn what this person may not know
of, and then what nobody has. Status, headers, body and what is written have to be the same (security.md 3).
"""

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone

from groups.roles import Hat
from messaging.models import Participation
from portal.core.actor import Actor
from tests.failures.test_f05_counting import ONCE, headers_of
from tests.permissions.conftest import Standing
from tests.permissions.test_dead_ends import AT_SCHOOL, PARENTS, unharmed
from tests.permissions.test_matrix import OK, client_of
from tests.permissions.test_questions import Visit, undone, visits_of
from tests.share import at_night

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="a minute, and the same on every engine")
UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NUMBER = re.compile(r"\d{1,6}")
NOBODYS = "999999"
HIGHEST = 40
"""Up to here a number that the page does not offer is tried: the cast has hardly more of anything."""
WRITES = re.compile(r'(INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')
Sent = dict[str, list[str]]
TYPED = {"email": "iemand@voorbeeld.example", "date": "2026-11-30", "time": "10:00", "number": "1"}
FEW, MANY = 2, 6
LEFT_OUT = {"account_logout", "style"}
"""Signing out would end the visit; the sheet of components sends nothing."""

AT_LEAST = {
    ("agenda:new", "groep"), ("consent:choices", "child"), ("consent:record_paper", "signer"),
    ("desk:berichten", "groep"), ("desk:reacties_verberg", "chosen"), ("messaging:ask_in", "who"),
    ("messaging:compose", "groep"), ("messaging:new_thread", "met"), ("messaging:urgent", "group"),
    ("messaging:reach_called", "who"), ("moderation:report_participant", "who"),
}  # fmt: skip
"""Some of the fields that name a thing: where none of these is met, the forms are no longer read."""


class Field(NamedTuple):
    name: str
    kind: str
    value: str
    is_on: bool


class Form:
    """Where it leads, what stands in it, and which uids whoever sees it knows from there."""

    def __init__(self, method: str, url: str, ident: str) -> None:
        self.method, self.url, self.ident = method, url, ident
        self.offered: set[str] = set()
        self.fields: list[Field] = []

    @property
    def route(self) -> str:
        try:
            return resolve(urlsplit(self.url).path).view_name
        except Resolver404:
            return ""

    def filled(self) -> Sent:
        """As somebody would send it who chose the first of everything and typed a sentence where nothing stands."""
        sent: Sent = defaultdict(list)
        for field in self.fields:
            if field.kind in {"hidden", "checkbox"}:
                sent[field.name].append(field.value)
            elif field.kind not in {"file", "button", "submit"} and (field.is_on or not any(sent[field.name])):
                typed = field.kind not in {"select", "radio"} and not field.value
                sent[field.name] = [TYPED.get(field.kind, "Een zin van iemand.") if typed else field.value]
        if button := next((field for field in self.fields if field.kind in {"button", "submit"}), None):
            sent[button.name] = [button.value]
        return dict(sent)


class Forms(HTMLParser):
    """Those of one page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.found = page, list[Form]()
        self.form: Form | None = None
        self.select, self.beside = "", list[tuple[str, Field]]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        kind = given.get("type", "text") if tag == "input" else tag
        if tag == "form":
            there = urljoin(self.page, given.get("action", ""))
            self.form = Form(given.get("method", "get").upper(), there, given.get("id", ""))
            self.found.append(self.form)
        elif tag == "select":
            self.select = given.get("name", "")
        elif tag == "option" and self.select:
            self._put(given, Field(self.select, tag, given.get("value", ""), "selected" in given))
        elif tag in {"input", "textarea", "button"} and given.get("name"):
            self._put(given, Field(given["name"], kind, given.get("value", ""), "checked" in given))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = ""

    def close(self) -> None:
        super().close()
        for ident, field in self.beside:
            for form in self.found:
                if form.ident == ident:
                    form.fields.append(field)

    def _put(self, given: dict[str, str], field: Field) -> None:
        if given.get("form"):
            self.beside.append((given["form"], field))
        elif self.form:
            self.form.fields.append(field)


def forms_of(page: str, html: str) -> list[Form]:
    parser = Forms(page)
    parser.feed(html)
    parser.close()
    for form in parser.found:
        form.offered = {*UID.findall(html), *seated_at(form)}
    return parser.found


def seated_at(form: Form) -> set[str]:
    """Of school, in the conversation in the address: everybody in it reads their names, and who asks one of them in is
    told that this one is there already.
    """
    chairs = Participation.objects.filter(thread__uid__in=UID.findall(form.url), staff__isnull=False)
    return {str(uid) for uid in chairs.values_list("staff__uid", flat=True)}


class Things:
    """Everything there is, by its uid."""

    def __init__(self) -> None:
        self.kinds: dict[str, Any] = {}
        self.uids: dict[Any, list[str]] = {}
        for model in apps.get_models():
            if "uid" in {field.name for field in model._meta.get_fields()}:
                self.uids[model] = [str(uid) for uid in model._base_manager.values_list("uid", flat=True)]
                self.kinds |= dict.fromkeys(self.uids[model], model)

    def foreign(self, model: Any, actor: Actor, offered: set[str]) -> list[str]:
        """Of one kind, what this person may not see; where nobody asks that, what neither is theirs nor offered."""
        rows = model._default_manager.all()
        if hasattr(rows, "visible_to"):
            known = rows.visible_to(actor)
        else:
            known = rows.filter(uploaded_by=actor.user) if hasattr(model, "uploaded_by") else rows.none()
        seen = offered | {str(uid) for uid in known.values_list("uid", flat=True)}
        return [uid for uid in self.uids[model] if uid not in seen]


class Try(NamedTuple):
    """One form with one field changed: what is tried, and what is compared with it."""

    field: str
    tried: str
    sent: Sent
    nobodys: Sent


def names_in(forms: list[Form], things: Things) -> dict[str, dict[str, Any]]:
    """Of each route which of its fields name what kind of thing, on whatever page, also where one is empty."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for form in forms:
        for field in form.fields:
            for uid in UID.findall(f"{field.name} {field.value}"):
                if model := things.kinds.get(uid):
                    found[form.route][field.name] = model
    return found


def tries_of(form: Form, names: dict[str, Any], things: Things, actor: Actor, most: int) -> Iterator[Try]:
    """Other people's uids, wherever a form of this route names such a thing."""
    filled, here = form.filled(), {field.name for field in form.fields}
    for name, model in names.items():
        if name in here or not UID.search(name):
            for uid in some(things.foreign(model, actor, form.offered), most):
                for sent in changed(filled, name, uid):
                    yield Try(name, uid, sent, replaced(sent, uid, str(uuid4())))


def numbers_of(form: Form, most: int) -> Iterator[Try]:
    """Numbers that are not offered, in a list of which some are chosen by their number."""
    filled = form.filled()
    for name in {field.name for field in form.fields if field.kind == "checkbox" and NUMBER.fullmatch(field.value)}:
        offered = {field.value for field in form.fields if field.name == name}
        for number in [str(one) for one in range(1, HIGHEST) if str(one) not in offered][: 3 * most]:
            for rest in ([], filled[name]):
                yield Try(name, number, filled | {name: [*rest, number]}, filled | {name: [*rest, NOBODYS]})


def some(things: list[str], most: int) -> list[str]:
    """So many, from both ends: those of the other school come last."""
    return things if len(things) <= most else [*things[: most // 2], *things[-(most // 2) :]]


def changed(filled: Sent, name: str, uid: str) -> Iterator[Sent]:
    """The field with this uid, and with it beside what stood there; or the field that is called after a thing."""
    if UID.search(name):
        yield {(UID.sub(uid, one) if one == name else one): values for one, values in filled.items()}
        return
    own = [value for value in filled.get(name, []) if value]
    value = UID.sub(uid, own[0]) if own and UID.search(own[0]) else uid
    yield filled | {name: [value]}
    if own:
        yield filled | {name: [*own, value]}


def replaced(sent: Sent, uid: str, other: str) -> Sent:
    return {name.replace(uid, other): [value.replace(uid, other) for value in values] for name, values in sent.items()}


class Outcome(NamedTuple):
    """Everything that comes back and is written, without what is drawn anew and uids that were not there before."""

    status: int
    headers: dict[str, str]
    body: str
    written: Counter[str]


def outcome(client: Client, form: Form, sent: Sent, tried: str, things: Things) -> Outcome:
    written: Counter[str] = Counter()

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        if found := WRITES.match(sql):
            written[found[0]] += 1
        return execute(sql, *rest)

    def plain(text: str) -> str:
        shown = ONCE.sub("", text).replace(f'value="{tried}"', 'value=""')
        return UID.sub(lambda uid: uid[0] if uid[0] in things.kinds and uid[0] != tried else "", shown)

    data = sent | ({"key": [str(uuid4())]} if "key" in sent else {})
    with unharmed(), connection.execute_wrapper(note):
        answer = client.post(form.url, data) if form.method == "POST" else client.get(form.url, data)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = {name: plain(value) for name, value in headers_of(answer).items()}
    return Outcome(answer.status_code, headers, plain(body.decode("utf-8", "replace")), written)


def forms_met(visits: Iterable[Visit], clients: dict[str, Client]) -> Iterator[tuple[str, Form]]:
    """Of every page that opens: who meets which form, each kind of it once."""
    met = set()
    for visit in visits:
        answer = clients[visit.name].get(visit.url)
        if answer.status_code != OK or not answer.get("Content-Type", "").startswith("text/html"):
            continue
        for form in forms_of(visit.url, answer.content.decode()):
            alike = (visit.name, form.route, frozenset(UID.sub("", field.name) for field in form.fields))
            if form.route not in {"", *LEFT_OUT} and alike not in met:
                met.add(alike)
                yield visit.name, form


def visited(standing: Standing, name: str) -> list[Visit]:
    """One page of each route that opens for this person; without a name, for somebody."""
    visits = [visit for visit in reversed(visits_of(standing)) if name in {visit.name, ""}]
    return list({visit.route: visit for visit in visits}.values())


@pytest.mark.parametrize("name", ["", *(at_night(name) for name in (*PARENTS, *AT_SCHOOL))])
def test_what_is_anothers_in_a_field_is_as_good_as_nobodys(standing: Standing, name: str) -> None:
    """In every run somebody at each route, with two of each kind; everybody at night, with more."""
    most = MANY if name else FEW
    with undone():
        visits = visited(standing, name)
        clients = {visit.name: client_of(standing.cast, visit.name) for visit in visits}
        met, things = list(forms_met(visits, clients)), Things()
        names, tried, differ = names_in([form for _, form in met], things), set(), []
        for who, form in met:
            actor, nobodys = Actor(standing.cast.user(who), Hat.ANY, timezone.now()), dict[str, Outcome]()
            for one in (*tries_of(form, names[form.route], things, actor, most), *numbers_of(form, most)):
                alike = f"{one.field} {UID.sub('', repr(one.nobodys))}"
                if alike not in nobodys:
                    nobodys[alike] = outcome(clients[who], form, one.nobodys, NOBODYS, things)
                tried.add((form.route, UID.sub("", one.field)))
                found = outcome(clients[who], form, one.sent, one.tried, things)
                if found != nobodys[alike]:
                    kind = things.kinds.get(one.tried, int).__name__
                    differ.append(f"{who} {form.route} {one.field}: {kind} {different(found, nobodys[alike])}")
    assert "\n".join(differ) == ""
    assert name or tried >= AT_LEAST


def different(found: Outcome, nobodys: Outcome) -> list[str]:
    sides = ([f"{one.status} {one.headers} {one.written}", *one.body.splitlines()] for one in (found, nobodys))
    return [line for line in difflib.unified_diff(*sides, n=0, lineterm="") if line[:3] not in {"---", "+++"}][:6]
