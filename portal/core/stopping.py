"""Whether this worker was told to stop: what takes long breaks off between two mails, and the next worker goes on.

Who stops it waits a minute. A weekly mail takes longer, and killed in the middle of a mail nobody knows of that one.
"""

from ctypes import c_bool
from multiprocessing.sharedctypes import RawValue

_told = RawValue(c_bool, False)


def tell(**_: object) -> None:
    """Receiver of `worker_shutting_down`."""
    _told.value = True


def is_told() -> bool:
    return _told.value
