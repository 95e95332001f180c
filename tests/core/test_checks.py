"""The start-up checks can fail: each is shown a site or a database in which something is missing."""

from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.core import checks, triggers


def undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


undeclared.__module__ = "groups.views"
urlpatterns = [path("los/", undeclared)]


def test_every_route_of_ours_says_who_may_come_there() -> None:
    assert checks.routes_declare_their_rule() == []


def test_a_route_without_a_rule_does_not_start(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    assert [message.id for message in checks.routes_declare_their_rule()] == ["kring.E001"]


@pytest.mark.django_db
def test_a_lost_trigger_is_found() -> None:
    assert checks.triggers_are_there(databases=["default"]) == []
    trigger = triggers.expected(connection.vendor)[0]
    on_table = f' ON "{trigger.table}"' if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f'DROP TRIGGER "{trigger.name}"{on_table}')
    assert [message.id for message in checks.triggers_are_there(databases=["default"])] == ["kring.W002"]


@pytest.mark.parametrize(("count", "found"), [(0, ["kring.W001"]), (1, [])])
def test_a_forgotten_proxy_count_is_said(settings: Any, count: int, found: list[str]) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = count
    assert [message.id for message in checks.proxies_are_counted()] == found
