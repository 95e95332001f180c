"""What a form keeps in the tab until it arrived, as static/js/keep.js does: by the names that the pages say."""

import re
from collections.abc import Mapping
from typing import Any

from django.test import Client

KEEPS, ARRIVED = re.compile(r'data-keep="([^"]+)"'), re.compile(r'<meta name="kring-kept" content="([^"]+)">')


def is_kept_until_it_arrived(client: Client, page: str, sent: Mapping[str, Any]) -> bool:
    """Whether a form of this page keeps what is typed, and the page after it says that just this one need not."""
    keys = KEEPS.findall(client.get(page).content.decode())
    arrived = ARRIVED.findall(client.post(page, sent, follow=True).content.decode())
    return len(arrived) == 1 and arrived[0] in keys
