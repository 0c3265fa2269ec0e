"""Sentences with values in them, which a page can say in the language of who reads it.

Services refuse in English: programs, logs and operators read that. A sentence made by `said` keeps
what it was made of, so that pages find its translation and put the same values into it. What
somebody sent may be among the values: they stay short, and turn nothing that is read beside them.
"""

_MOST_OF_A_VALUE, _MOST = 500, 2_000  # characters


class Said(str):
    """A sentence in English. `message` is what it is translated by, `values` what stands in it."""

    __slots__ = ("message", "values")
    message: str
    values: dict[str, object]

    def __str__(self) -> str:
        """Return itself: an error that is made of it still says what it was made of."""
        return self


def said(message: str, **values: object) -> Said:
    """Return the sentence with the values in the places that are named for them: `%(name)s`."""
    values = {name: _value(value) for name, value in values.items()}
    sentence = Said(message % values if values else message)
    sentence.message, sentence.values = message, values
    return sentence


def reason(error: Exception) -> Said:
    """Return what an error says, to stand in the sentence of a refusal."""
    text = error.args[0] if error.args else ""
    return text if isinstance(text, Said) else said(str(error))


def legible(text: str, most: int = _MOST) -> str:
    """Return a text in which everything is seen and stands where it is read, cut if it is long.

    Invisible characters and those that turn the direction of others are written as escapes.
    """
    cut = text if len(text) <= most else f"{text[:most]}…"
    if cut.isprintable():
        return cut
    return "".join(one if one.isprintable() or one == "\n" else repr(one)[1:-1] for one in cut)


def _value(value: object) -> object:
    if isinstance(value, Said) or not isinstance(value, str):
        return value
    return legible(value, _MOST_OF_A_VALUE)
