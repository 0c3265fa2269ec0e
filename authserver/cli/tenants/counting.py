"""Numbers of a tenant's own, or a word for none of its own."""

import click


class Count(click.ParamType[int]):
    """A number of something, or a word for none of the tenant's own, which is 0."""

    def __init__(self, name: str, nothing: str) -> None:
        """Take what is counted, and the word."""
        self.name, self._nothing = name, nothing

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Return the number; what is too large or too small, the tenant's policy refuses."""
        if value == self._nothing:
            return 0
        text = str(value)
        if not (text.isascii() and text.isdecimal()):
            self.fail(
                f"{text!r} is neither a number of {self.name} nor '{self._nothing}'.", param, ctx
            )
        return int(text)
