"""One lock per school: whoever changes its truth, or lets somebody in, waits for whoever is doing so already."""

from groups.records.models.schools import School


def hold_schools(*schools: int) -> None:
    """Hold these schools until the transaction ends; the first statement of every service that changes truth.

    What was read before is read again afterwards. In one order, so that two who need two schools never wait for each
    other; rows that merely point at a school are still written meanwhile.
    """
    rows = School.objects.select_for_update(no_key=True).filter(pk__in=schools).order_by("pk")
    list(rows.values_list("pk"))
