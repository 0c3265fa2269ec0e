"""What a database that cannot be used now is to those who ask us: 503, and nothing else."""

from types import TracebackType

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from authserver.core.problems import Unavailable


def worth_repeating(error: BaseException) -> bool:
    """Tell whether the database gave up on a conflict: serialization failure or deadlock."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    return state in {"40001", "40P01"}


class _WhenDown:
    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, _kind: object, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if error is None or worth_repeating(error):
            return
        if isinstance(error, NoConnection):
            raise Unavailable(detail=f"database: {error}") from error
        if isinstance(error, OperationalError | InterfaceError) or (
            isinstance(error, DBAPIError) and error.connection_invalidated
        ):
            raise Unavailable(detail=f"database: {error.orig}") from error


_WHEN_DOWN = _WhenDown()


def unavailable_when_down() -> _WhenDown:
    """Turn a database that cannot be used now into Unavailable, where `with` has this."""
    return _WHEN_DOWN
