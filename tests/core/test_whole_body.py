"""What a client that went away had sent is never taken for the whole."""

import io

import pytest

from portal.wsgi import WholeBody


class Dripping(io.BytesIO):
    """Gives two bytes at a time, as a slow line does."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 2))


def test_slow_is_not_broken() -> None:
    body = WholeBody(Dripping(b"one\ntwo"), 7)
    assert (body.read(3), body.readline(4), body.read(3)) == (b"one", b"\n", b"two")
    assert (body.read(9), body.readline(9)) == (b"", b"")


@pytest.mark.parametrize("sent", [b"", b"one", b"one\n"])
def test_less_than_promised_is_an_error(sent: bytes) -> None:
    with pytest.raises(ConnectionResetError):
        WholeBody(io.BytesIO(sent), 7).read(7)
    body = WholeBody(io.BytesIO(sent), 7)
    with pytest.raises(ConnectionResetError):
        list(iter(lambda: body.readline(7), b""))
