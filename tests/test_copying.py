"""The rows that the bench copies are as many as it says."""

import pytest
from django.utils import timezone

from messaging.models import Image
from tests.bench.copying import copy
from tests.cast import Cast

pytestmark = [pytest.mark.engines, pytest.mark.django_db]


def test_names_that_differ_at_their_end_only_are_copied_each(cast: Cast) -> None:
    """Keys of their own: after a test that restored a school the engine numbers from far above what is copied."""
    for number in (1, 2):
        Image.objects.create(
            pk=number,
            school=cast.linde,
            uploaded_by=cast.user("teacher"),
            key=f"{number:032x}",
            sha256=f"{number:064x}",
            width=1600,
            height=1200,
            created_at=timezone.now(),
        )
    copy([Image], 3)
    assert len({key[-1] for key in Image.objects.values_list("key", flat=True)}) == 2
    assert Image.objects.count() == 2 * 4
