"""What a process does once, between loading and its first work."""

import gc
from importlib import import_module

from django.conf import settings


def settle_down() -> None:
    """Load the pages too, and let the garbage collector pass over what stays as long as the process.

    Looking through it again and again took a twentieth of a newsletter; processes that fork from this one go on
    sharing its memory.
    """
    import_module(settings.ROOT_URLCONF)
    gc.collect()
    gc.freeze()
