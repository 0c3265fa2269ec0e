"""What a list is sorted by, as the parameter `sort` says it."""

from enum import StrEnum


class Sorting(StrEnum):
    """Values of a parameter `sort`: a column's name, with a minus before it the other way round.

    Names begin with the first, `created` with the newest.
    """

    @property
    def column(self) -> str:
        """Return what is sorted by, whichever way."""
        return self.value.removeprefix("-")

    @property
    def down(self) -> bool:
        """Tell whether the last comes first."""
        return (self.column == "created") is not self.value.startswith("-")
