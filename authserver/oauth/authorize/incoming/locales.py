"""Languages that a client wishes for: BCP 47 tags, in canonical case (RFC 5646 section 2.1.1)."""

import re

_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_SCRIPT, _REGION = 4, 2


def wishes(text: str | None) -> tuple[str, ...]:
    """Return the tags of a list parameter, in order, each once.

    They are voluntary (OpenID Connect Core section 3.1.2.1): what is no tag is passed over.
    """
    tags = (canonical(word) for word in (text or "").split(" ") if word)
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def canonical(tag: str) -> str | None:
    """Return a tag in its canonical case, None for what is none. `_` counts as a hyphen."""
    tag = tag.replace("_", "-")
    if not _TAG.fullmatch(tag):
        return None
    language, *rest = tag.lower().split("-")
    return "-".join([language, *_cased(rest)])


def _cased(subtags: list[str]) -> list[str]:
    """Return a script as `Latn` and a region as `CH`, except behind a singleton."""
    cased, extended = [], False
    for subtag in subtags:
        extended = extended or len(subtag) == 1
        if not extended and len(subtag) == _SCRIPT and subtag.isalpha():
            cased.append(subtag.title())
        elif not extended and len(subtag) == _REGION:
            cased.append(subtag.upper())
        else:
            cased.append(subtag)
    return cased
