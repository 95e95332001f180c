"""F7: one support account opened many districts. Here no account opens content by being of a kind."""

from typing import Any

import pytest
from django.contrib.auth.models import Group as AuthGroup
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client
from django.urls import reverse

from portal.core.models import User
from tests import canaries
from tests.cast import PEOPLE, SIGN_IN, Cast, address
from tests.permissions.conftest import Standing
from tests.permissions.conftest import standing as standing
from tests.permissions.test_matrix import FIRST_SCHOOL, OK, TABLE, Row

OWN = {row.name for row in TABLE if "operator" in {name for names in row.expected.values() for name in names}}
"""What anybody who is signed in may open: their own settings, the help, an empty feed."""
CONTENT = [row for row in TABLE if row.method == "GET" and row.name not in OWN and OK in row.expected]
EACH_ROUTE = list({row.route: row for row in CONTENT}.values())
"""Of each page one that is there; everybody's answer to all of them is in the matrix."""


def supplier() -> User:
    """An account with every switch that Django has: superuser, staff, all permissions, and a group with all of them."""
    user = User.objects.create_superuser("leverancier@support.example", "een-lang-wachtwoord")
    user.is_staff = True
    user.save()
    user.user_permissions.set(Permission.objects.all())
    everything = AuthGroup.objects.create(name="Beheerders")
    everything.permissions.set(Permission.objects.all())
    user.groups.add(everything)
    return user


def test_no_account_is_there_that_nobody_of_the_school_asked_for(cast: Cast) -> None:
    """Each is of somebody whom a school knows; the superuser was made by hand, with the command for it."""
    assert {*User.objects.values_list("email", flat=True)} == {address(name) for name in PEOPLE}
    assert list(User.objects.filter(is_superuser=True).values_list("email", flat=True)) == [address("operator")]


def test_a_superuser_with_every_permission_opens_no_page_with_content(standing: Standing, settings: Any) -> None:
    """The cast's canaries listen to each answer; the one who asks may read none of them."""
    settings.KRING_SECOND_FACTOR = False
    with transaction.atomic():
        client = Client()
        client.force_login(supplier(), backend=SIGN_IN)
        found = {row.name: status(client, row, standing) for row in EACH_ROUTE}
        transaction.set_rollback(True)
    assert len(found) > 60
    assert {name: code for name, code in found.items() if code != 404} == {}
    assert canaries.leaks == []


def status(client: Client, row: Row, standing: Standing) -> int:
    url = reverse(row.route, args=row.args(standing.cast, standing.scene)) + row.query
    with transaction.atomic():
        answer = client.get(url.replace(f"={FIRST_SCHOOL}", f"={standing.cast.linde.uid}"))
        transaction.set_rollback(True)
    return answer.status_code


@pytest.mark.parametrize("name", ["ict", "case_officer"])
def test_who_looks_after_the_machine_or_a_case_reads_no_feed_group_or_conversation(
    standing: Standing, name: str, settings: Any
) -> None:
    """Their second step is behind them: it is not what keeps them out."""
    settings.KRING_SECOND_FACTOR = False
    rows = [row for row in EACH_ROUTE if row.route.startswith("messaging:")]
    assert len(rows) > 15
    client = Client()
    client.force_login(standing.cast.user(name), backend=SIGN_IN)
    found = {row.name: status(client, row, standing) for row in rows}
    assert {page: code for page, code in found.items() if code != 404} == {}
