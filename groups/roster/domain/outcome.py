"""The caregivers as a plan leaves them, on paper: would the same list mean the same people the next time?"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from groups.roster.domain.plan import Fields, NewCaregiver, NewGuardianship, Plan, RecordKind
from groups.roster.domain.snapshot import CaregiverThere, GuardianshipThere, Snapshot

Row = TypeVar("Row", CaregiverThere, GuardianshipThere)


class ListOutcome:
    """`people`: the present with the plan carried out, where somebody new has the next id that is free."""

    def __init__(self, present: Snapshot, plan: Plan) -> None:
        self._last = max(present.caregivers, default=0)
        self._last_row = max((row.id for row in present.guardianships), default=0)
        self._lowest = min((new.ref for new in plan.new_caregivers), default=0)
        begun = [self._begun(number, new) for number, new in enumerate(plan.new_guardianships, 1)]
        self.people = replace(
            present,
            caregivers={
                one.id: one
                for one in [
                    *_changed(present.caregivers.values(), plan.updates.get(RecordKind.CAREGIVER, {})),
                    *map(self._new, plan.new_caregivers),
                ]
            },
            guardianships=[
                *_changed(present.guardianships, plan.updates.get(RecordKind.GUARDIANSHIP, {})),
                *begun,
            ],
        )

    def as_refs(self, place: int) -> int:
        """Back to how a plan says it: who is only new on paper keeps the negative number, and newer ones follow."""
        if place < 0:
            return self._lowest + place
        return self._last - place if place > self._last else place

    def _id_of(self, ref: int) -> int:
        return self._last - ref if ref < 0 else ref

    def _new(self, new: NewCaregiver) -> CaregiverThere:
        return CaregiverThere(
            self._id_of(new.ref),
            new.first_name,
            new.prefix,
            new.last_name,
            new.email,
            False,
            new.postal_address,
            new.phone,
        )

    def _begun(self, number: int, new: NewGuardianship) -> GuardianshipThere:
        return GuardianshipThere(
            self._last_row + number, self._id_of(new.caregiver_ref), new.child_key, new.level, new.relation,
            new.valid_from, None, decided=False,
        )  # fmt: skip


def _changed(rows: Iterable[Row], updates: Mapping[int, Fields]) -> list[Row]:
    return [replace(row, **updates.get(row.id, {})) for row in rows]  # type: ignore[arg-type]
