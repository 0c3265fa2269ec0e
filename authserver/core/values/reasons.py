"""Why an administrator does something, in a line that the trail keeps."""

from authserver.core.problems import Problem
from authserver.core.values.said import said

# Characters: of an act upon one thing, and of working in somebody else's tenant.
MOST_REASON, MOST_REASON_OF_ACCESS = 200, 500


class UnfitReason(Problem):
    """The reason cannot stand in the trail; the description says why."""

    code = "unfit_reason"
    title = "The reason cannot be used"


def check_reason(reason: str, *, most: int = MOST_REASON) -> str:
    """Return the reason, outer spaces removed: a line of `most` characters. Raises UnfitReason."""
    clean = reason.strip()
    if not 0 < len(clean) <= most or not clean.isprintable():
        raise UnfitReason(
            said("A reason is one line of 1 to %(most_reason)s characters.", most_reason=most),
            field="reason",
        )
    return clean
