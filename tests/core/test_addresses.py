"""An address made of a kept route is the one that Django makes."""

import re
from uuid import UUID, uuid4

import pytest
from django.template import Context, Template
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from portal.core import addresses
from portal.core.addresses import address
from portal.core.checks import routes


def filled_in(route: str) -> str:
    """An address of this route, with a uid and a number that nobody saw before."""
    route = re.sub(r"<uuid:\w+>", lambda _: str(uuid4()), re.sub(r"<hat:\w+>", "school", route))
    return "/" + re.sub(r"<(?:int|slug|str|\w+):\w+>", "41", route)


def named_routes() -> list[tuple[str, list[object]]]:
    found = []
    for route, _view in routes():
        try:
            match = resolve(filled_in(route))
        except Resolver404:
            continue  # a file, or a route of another's with a pattern of its own
        if match.view_name and "%" not in route:
            found.append((match.view_name, list((match.captured_kwargs or {}).values())))
    return found


def test_every_route_twice() -> None:
    """Made, and made of what was kept."""
    asked = named_routes()
    assert sum(any(isinstance(one, UUID) for one in args) for _name, args in asked) > 100
    for _again in range(2):
        wrong = [(name, args) for name, args in asked if address(name, *args) != reverse(name, args=args)]
        assert not wrong
    first, second = uuid4(), uuid4()
    assert address("messaging:photo", first, 400) == f"/foto/{first}/400"
    assert address("messaging:photo", second, 1600) == f"/foto/{second}/1600"


def test_a_route_that_is_not_there_is_said() -> None:
    with pytest.raises(NoReverseMatch):
        address("messaging:photo", uuid4())
    with pytest.raises(NoReverseMatch):
        address("messaging:nowhere")


def test_words_stay_words() -> None:
    """A word from outside is quoted by Django, once for each word; what is kept has an end."""
    assert address("moderation:report", "staff", "gesprek", UUID(int=5)).startswith("/school/melden/gesprek/")
    assert addresses._route.cache_info().maxsize == 1000


def test_in_a_template() -> None:
    """By place, by name, in silence; and escaped."""
    uid = uuid4()
    facts = Context({"uid": uid})
    drawn = Template("{% url 'messaging:photo' uid 400 %} {% url 'messaging:photo' uid=uid width=400 as one %}").render(
        facts
    )
    assert drawn.strip() == f"/foto/{uid}/400"
    assert Template("{% url 'messaging:nowhere' as one %}[{{ one }}]").render(facts) == "[]"
    with pytest.raises(NoReverseMatch):
        Template("{% url 'messaging:nowhere' %}").render(facts)
