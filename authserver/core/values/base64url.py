"""base64url without padding (RFC 7515 section 2), in few steps: a token takes it six times."""

from binascii import b2a_base64

_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def base64url(data: bytes) -> bytes:
    """Return bytes in the alphabet of URLs."""
    return b2a_base64(data, newline=False).translate(_URL_SAFE).rstrip(b"=")
