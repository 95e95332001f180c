"""What a form keeps in the tab until it arrived, as static/js/keep.js does: by the names that the pages say."""

import re
from collections.abc import Mapping
from typing import Any

from django.test import Client

FORM = re.compile(r'<form[^>]*data-keep="([^"]+)"[^>]*>(.*?)</form>', re.S)
ARRIVED = re.compile(r'<meta name="kring-kept" content="([^"]+)">')


def is_kept_until_it_arrived(client: Client, page: str, sent: Mapping[str, Any]) -> bool:
    """Whether the form of this page keeps what is typed, and the page after it says that just this one need not.

    It sends what it is called along, like the script; without `kept` in what is sent already.
    """
    forms = FORM.findall(client.get(page).content.decode())
    name, _ = max(forms, key=lambda form: sum(f'name="{field}"' in form[1] for field in sent))
    arrived = ARRIVED.findall(client.post(page, {"kept": name, **sent}, follow=True).content.decode())
    return arrived == [name]
