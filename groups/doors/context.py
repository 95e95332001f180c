"""What every page needs to draw its way around: places of this hat, own groups, own name."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from groups.accounts.services.accounts import offers_passkey
from groups.accounts.services.hats import Hats, hats_of
from groups.records.addresses import GROUP, HOME
from groups.records.services.contacts import is_known_at_school
from groups.roles import Hat
from groups.told.services import waits_on_a_page
from portal.core import menu
from portal.core.addresses import address, address_of
from portal.core.request import SignedInRequest

LONGEST_RAIL = 30
MOST_PLACES = 5
"""As many as stand side by side under a thumb; whoever has more finds the last ones behind the own initials."""


class MenuLink(NamedTuple):
    url: str
    name: str
    is_here: bool = False


class News(NamedTuple):
    """How much waits behind a place of the menu, also in words."""

    number: int
    words: str
    is_told: bool = False


class Item(NamedTuple):
    """One place of the menu. `current` in ARIA's words: page, true or none; `news` is None where nothing is counted."""

    url: str
    icon: str
    label: str
    current: str
    news: News | None = None


class Menu(NamedTuple):
    """The places side by side, and those behind the initials, before and after the own groups."""

    bar: tuple[Item, ...]
    above: tuple[Item, ...] = ()
    below: tuple[Item, ...] = ()

    @property
    def behind(self) -> list[str]:
        """What waits behind the initials, in words."""
        return [item.news.words for item in (*self.above, *self.below) if item.news and item.news.number]


def navigation(request: HttpRequest) -> dict[str, object]:
    """Template context `nav`; anonymous pages get only the demo flag."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav": {"demo": settings.DEMO, "groups": [], "person": None, "school": ""}}
    return {"nav": _Lazy(request)}


class _Lazy(dict):
    """Filled on first use, so that a redirect or a fragment asks the database nothing; the menu when it is drawn."""

    def __init__(self, request: Any) -> None:
        super().__init__()
        self._request = request

    def __missing__(self, key: str) -> object:
        self.update({"menu": _menu(self._request)} if key == "menu" else _navigation(self._request))
        return self[key]


def hats_here(request: HttpRequest) -> Hats:
    """The reader's hats, asked once for the view and the frame around it."""
    if not hasattr(request, "hats"):
        request.hats = hats_of(request.user, now=request.now)
    return request.hats


def reads_nothing(request: SignedInRequest, hat: Hat) -> bool:
    """Whether a school knows this parent, who is in no group now: the child left, or somebody has to decide first."""
    return hat == Hat.FAMILY and not hats_here(request).groups(hat) and is_known_at_school(request.actor)


def _navigation(request: SignedInRequest) -> dict[str, object]:
    user, now = request.user, request.now
    own = address("settings")
    hats = hats_here(request)
    hat = current_hat(request, hats)
    groups = hats.groups(hat)
    has_schools = hats.has_schools(hat)
    return {
        "demo": settings.DEMO,
        "hat": hat,
        "groups": tuple(
            (address_of(GROUP, hat, group.uid), group, group.school if has_schools else "")
            for group in groups[:LONGEST_RAIL]
        ),
        "has_schools": has_schools,
        "person": MenuLink(own, user.name or user.email, request.path.startswith(own) or menu.is_own(request.path)),
        "school": hats.school_name,
        "school_phone": hats.school_phone,
        "hat_switch": _switch(hats, hat),
        "talks": hats.talks(hat),
        "starts_talks": hats.starts_talks(hat),
        "decides": hats.decides,
        "stops": hats.stops,
        "told": _told(request, hats, hat),
        "offers_passkey": offers_passkey(user, now=now),
    }


def _told(request: SignedInRequest, hats: Hats, hat: str) -> list[tuple[str, int]]:
    """By hat what waits to be read: of the one worn here, and of one that this person has no more.

    Example: juf Anna's authority over Noor ended. She has the side of staff alone, and reads there that school told
    her that.
    """
    waiting = waits_on_a_page(request.actor).items()
    return [(worn, count) for worn, count in waiting if worn == hat or worn not in hats.signs]


def current_hat(request: HttpRequest, hats: Hats) -> str:
    """The hat of the URL, else the first the person has; a hat that this person does not have leads nowhere.

    Example: juf Anna has no child here; at a parent's address of what school told, her menu stays that of staff.
    """
    match = request.resolver_match
    wanted = match.kwargs.get("hat") if match else None
    return wanted if wanted and (wanted in hats.signs or not hats.signs) else hats.first


def _menu(request: SignedInRequest) -> Menu:
    hats = hats_here(request)
    hat = current_hat(request, hats)
    places = [
        (entry, url, entry.depth(request.path, url))
        for shelf in menu.Shelf
        for entry in menu.entries(shelf)
        if entry.shown(hats, hat)
        for url in [address(entry.route, hat) if entry.in_hat else address(entry.route)]
    ]
    here = max((depth for _entry, _url, depth in places), default=0)

    def on(shelf: menu.Shelf) -> Iterator[Item]:
        for entry, url, depth in places:
            if entry.shelf == shelf:
                current = "page" if request.path == url else "true" if 0 < depth == here else ""
                news = _news(entry.badge, request, hat) if entry.badge else None
                yield Item(url, entry.icon, str(entry.label), current, news)

    bar, above, below = (tuple(on(shelf)) for shelf in menu.Shelf)
    return Menu(bar[:MOST_PLACES], above, (*below, *bar[MOST_PLACES:]))


def _news(badge: menu.Badge, request: SignedInRequest, hat: str) -> News:
    number = badge.count(request.actor.wearing(hat))
    return News(number, badge.words(number) if number else "", badge.is_told)


def _switch(hats: Hats, hat: str) -> MenuLink | None:
    if not hats.both:
        return None
    other, label = (Hat.STAFF, _("To school as staff")) if hat == Hat.FAMILY else (Hat.FAMILY, _("To my own children"))
    return MenuLink(address_of(HOME, other), label)
