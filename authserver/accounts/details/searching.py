"""What people are found by: their name without marks and capitals, from either end.

A key is compared with the beginning of what somebody looks for, so that an index answers. Nothing
is decided by it: two different names may have one key.
"""

import unicodedata

KEY = 120  # characters


def search_key(text: str) -> str:
    """Return a text as it is searched: letters without their marks, in lower case, one space."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(one for one in plain if not unicodedata.combining(one))
    return " ".join(letters.casefold().split())[:KEY]


def name_keys(name: str) -> tuple[str, str]:
    """Return the key of a name, and that with its last word first: "ada lovelace", "lovelace"."""
    key = search_key(name)
    first, _, last = key.rpartition(" ")
    return key, f"{last} {first}".strip()
