"""The one door for mail that follows from something: a row first, delivery afterwards.

`enqueue` writes the row in the caller's transaction; Celery is only the doorbell, and `sweep` finds what it forgot.
Each kind registers a renderer that receives a chunk of claimed rows and answers per row with a `Mail` or with
`Withheld(reason)`: whether somebody may still see a thing is asked at delivery, not at writing.

There are three lanes, each with its own sweep: post, a fast one for codes and safety notices (docs/adr/0024), and one
to phones (docs/adr/0072).
"""

from portal.core.outbox.delivery import Swept, sweep
from portal.core.outbox.holding import hold, release_held
from portal.core.outbox.kinds import Lane, Mail, Push, Render, ToMake, UnknownKindError, Withheld, register
from portal.core.outbox.status import (
    SETTLED_WELL,
    Ledger,
    Status,
    down_since,
    failed,
    last_states,
    ledger,
    refused,
    rows_about,
    status,
    stock,
)
from portal.core.outbox.writing import Addressed, enqueue, enqueue_each, enqueue_many, enqueue_phones

__all__ = [
    "SETTLED_WELL",
    "Addressed",
    "Lane",
    "Ledger",
    "Mail",
    "Push",
    "Render",
    "Status",
    "Swept",
    "ToMake",
    "UnknownKindError",
    "Withheld",
    "down_since",
    "enqueue",
    "enqueue_each",
    "enqueue_many",
    "enqueue_phones",
    "failed",
    "hold",
    "last_states",
    "ledger",
    "refused",
    "register",
    "release_held",
    "rows_about",
    "status",
    "stock",
    "sweep",
]
