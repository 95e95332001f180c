"""Levels of authority of an adult over a child, as they stand in the rows (POL-02, 03; domain card, Authority)."""

from typing import Final

WITH_AUTHORITY: Final = "with_authority"
UNVERIFIED: Final = "unverified"
WITHOUT_AUTHORITY: Final = "without_authority"
DAILY_CARER: Final = "daily_carer"
ADMITTED_READER: Final = "admitted_reader"
CONTACT_BAN: Final = "contact_ban"

ADMITTED: Final = (WITH_AUTHORITY, DAILY_CARER, ADMITTED_READER)
"""Who is let in: reads what the child's groups read."""
TALKING: Final = (WITH_AUTHORITY, DAILY_CARER)
"""Who talks with school about the child; only authority decides (POL-02, 09)."""
REACHED: Final = (*ADMITTED, UNVERIFIED)
"""Whom school writes to and phones, or will as soon as somebody decides."""
SHUT_OUT: Final = (WITHOUT_AUTHORITY, CONTACT_BAN)
"""Who is kept out by a decision."""
LESS_THAN_AUTHORITY: Final = (DAILY_CARER, ADMITTED_READER, *SHUT_OUT)
"""What a decision can leave somebody with who had authority."""
