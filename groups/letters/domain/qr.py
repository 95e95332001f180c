"""The square on a letter: the address of the page where the code is typed. Plain geometry, no picture file."""

import qrcode
from qrcode.constants import ERROR_CORRECT_M

QUIET = 4
"""Modules of white round the square; a camera needs four (ISO/IEC 18004)."""


def draw_qr(text: str) -> tuple[int, str]:
    """The number of modules on a side, and one SVG path of all dark modules on that grid."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    path = "".join(
        f"M{column} {line}h1v1h-1z" for line, row in enumerate(rows) for column, dark in enumerate(row) if dark
    )
    return len(rows), path
