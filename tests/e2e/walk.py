"""Every page somebody comes to by the links on the pages: one or two of each route, walked without drawing any."""

from collections import defaultdict, deque
from http import HTTPStatus
from urllib.parse import urlsplit

from playwright.sync_api import APIRequestContext

from tests.permissions.test_dead_ends import DEAD, route_of, ways_of

OF_EACH = 2
"""How many pages of one route are walked: a second one of its kind may say other things."""
ENDS_THE_WALK = {"account_logout"}


def walked(request: APIRequestContext, start: str = "/") -> tuple[dict[str, list[str]], set[tuple[str, str, int]]]:
    """The addresses of pages by route, and every link that leads nowhere: where it stands, where to, which answer."""
    pages: dict[str, list[str]] = defaultdict(list)
    seen: dict[str, list[str]] = defaultdict(list)
    dead: set[tuple[str, str, int]] = set()
    waiting = deque([(start, "")])
    while waiting:
        url, on = waiting.popleft()
        answer = request.get(url)
        if answer.status in DEAD or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            dead.add((on, url, answer.status))
        there = urlsplit(answer.url)
        here = there.path + (f"?{there.query}" if there.query else "")
        if not answer.ok or not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        if here not in pages[route_of(here)]:
            pages[route_of(here)].append(here)
        for way in ways_of(here, answer.text()):
            route = route_of(way.url)
            known = seen[route]
            if way.method != "GET" or way.url in known or len(known) >= OF_EACH or route in ENDS_THE_WALK:
                continue
            known.append(way.url)
            waiting.append((way.url, here))
    return pages, dead
