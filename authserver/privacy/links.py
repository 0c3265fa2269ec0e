"""The secret in a link of a mail that is opened after signing in."""

from base64 import b32encode
from secrets import token_bytes


def new_token() -> str:
    """Return 200 bits in the 40 letters and digits that are carried through a sign-in."""
    return b32encode(token_bytes(25)).decode().lower()
