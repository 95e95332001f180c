"""The school year in time: from 1 August, midnight in the school's own zone, until the next."""

from datetime import UTC, date, datetime, time

from portal.core.domain.moments import SCHOOL_ZONE


def midnight(day: date) -> datetime:
    """The first moment of `day` at school, in UTC."""
    return datetime.combine(day, time.min, SCHOOL_ZONE).astimezone(UTC)


def year_start(first_year: int) -> datetime:
    return midnight(date(first_year, 8, 1))


def year_end(first_year: int) -> datetime:
    return year_start(first_year + 1)


def year_name(first_year: int) -> str:
    return f"{first_year}-{first_year + 1}"


def year_of(moment: datetime) -> int:
    """The first calendar year of the school year that is running at `moment`."""
    local = moment.astimezone(SCHOOL_ZONE)
    return local.year if local.month >= 8 else local.year - 1


def takes_effect_at(first_year: int, reference_day: date | None) -> datetime:
    """When a file's enrolments start: the later of 1 August of its school year and its reference day."""
    start = year_start(first_year)
    return max(start, midnight(reference_day)) if reference_day else start


def archive_end(first_year: int) -> datetime:
    """Until when a finished year's texts may be read: 31 December after it."""
    return midnight(date(first_year + 2, 1, 1))
