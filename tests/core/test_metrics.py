"""What Prometheus reads: how much and how long, added up over all processes, and nothing about anybody."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from portal.core.doctor import answering, scraping
from portal.core.media.decoding import Refused, develop
from portal.core.models import OutboxItem
from tests.cast import SIGN_IN, Cast
from tests.core.test_outbox import _only_probes, put  # noqa: F401 - a fixture
from tests.scene import Scene

pytestmark = pytest.mark.django_db
TOKEN = "m" * 40
LABELS = re.compile(r"[a-z0-9_.+-]+|\+Inf")


@pytest.fixture
def counts(settings: Any) -> Iterator[None]:
    settings.KRING_METRICS_TOKEN = TOKEN
    scraping.forget()
    answering.forget()
    yield
    scraping.forget()
    answering.forget()


def scrape() -> dict[tuple[str, tuple[str, ...]], float]:
    scraping.forget()
    answer = Client().get(reverse("metrics"), headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name, tuple(sample.labels.values())): sample.value for family in families for sample in family.samples
    }


def test_without_the_token_there_is_no_such_page(cast: Cast, settings: Any) -> None:
    assert Client().get(reverse("metrics"), headers={"Authorization": "Bearer "}).status_code == 404
    settings.KRING_METRICS_TOKEN = TOKEN
    assert Client().get(reverse("metrics"), headers={"Authorization": f"Bearer {TOKEN}x"}).status_code == 404
    assert Client().get(reverse("metrics")).status_code == 404


def test_a_page_is_counted_by_its_room_with_what_it_asked(scene: Scene, counts: None) -> None:
    client = Client()
    client.force_login(Cast().user("mother"), backend=SIGN_IN)
    before = scrape()
    client.get(reverse("messaging:post", args=["family", scene.post.uid]))
    client.get("/nergens/")
    after = scrape()

    def more(*key: Any) -> float:
        return after[key] - before.get(key, 0)

    assert more("kring_requests_total", ("2xx", "messaging")) == 1
    assert more("kring_request_seconds_count", ("messaging",)) == 1
    assert more("kring_requests_total", ("4xx", "none")) == 1
    assert more("kring_sql_statements_total", ("messaging",)) > 3
    assert more("kring_sql_seconds_total", ("messaging",)) > 0


def test_who_came_in_is_a_number(cast: Cast, counts: None) -> None:
    before = scrape()["kring_sign_ins_total", ()]
    Client().force_login(cast.mother, backend=SIGN_IN)
    assert scrape()["kring_sign_ins_total", ()] == before + 1


def test_a_photo_is_timed(cast: Cast, counts: None) -> None:
    before = scrape()["kring_decode_seconds_count", ()]
    assert isinstance(develop(b"no photo"), Refused)
    assert scrape()["kring_decode_seconds_count", ()] == before + 1


def test_mail_by_lane_and_state_and_age(cast: Cast, counts: None) -> None:
    now = timezone.now()
    for kind, minutes in (("probe-letter", 7), ("probe-letter", 3), ("probe-code", 1)):
        OutboxItem.objects.filter(pk=put(kind=kind, now=now).pk).update(due_at=now - timedelta(minutes=minutes))
    failed = put(kind="probe", now=now)
    OutboxItem.objects.filter(pk=failed.pk).update(state="failed", settled_at=now)
    found = scrape()
    assert {key[1]: value for key, value in found.items() if key[0] == "kring_mail_rows" and value} == {
        ("post", "pending"): 2,
        ("post", "failed"): 1,
        ("fast", "pending"): 1,
    }
    assert 420 <= found["kring_mail_oldest_seconds", ("post",)] < 480
    assert 60 <= found["kring_mail_oldest_seconds", ("fast",)] < 120
    assert found["kring_red", ("mail",)] == 0


def test_nothing_is_about_anybody(scene: Scene, counts: None) -> None:
    """After pages whose addresses name people and what they wrote: every label is a word of the code."""
    client = Client()
    client.force_login(Cast().user("teacher"), backend=SIGN_IN)
    for which in (scene.post, scene.post_groep_5, scene.post_elsewhere):
        client.get(reverse("messaging:post", args=["staff", which.uid]), {"q": "kanarie-nobody-00000000"})
    found = scrape()
    labels = {label for _name, values in found for label in values}
    assert all(LABELS.fullmatch(label) for label in labels)
    assert not [label for label in labels if re.search(r"kanarie|@|[0-9a-f]{8}-|/", label)]


def test_the_database_is_asked_seldom(cast: Cast, counts: None, django_assert_num_queries: Any) -> None:
    scrape()
    with django_assert_num_queries(0):
        Client().get(reverse("metrics"), headers={"Authorization": f"Bearer {TOKEN}"})


def test_all_processes_are_added_up(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KRING_")}
    environment = kept | {
        "KRING_MODE": "test",
        "KRING_DATA_DIR": str(tmp_path),
        "KRING_METRICS_TOKEN": TOKEN,
        "KRING_METRICS_DIR": str(tmp_path / "metrics"),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    code = "from portal.core import metrics; metrics.count_sign_in()"
    read = "from portal.core import metrics as m\nprint(m.counted().decode())"
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code], cwd=configured.BASE_DIR, env=environment, check=True)
    done = subprocess.run(
        [sys.executable, "-c", read],
        cwd=configured.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "kring_sign_ins_total 2.0" in done.stdout
