"""How somebody has to have signed in, and when: the demand of RFC 9470."""

from dataclasses import dataclass

from authserver.sdk.claims import AccessToken

_LEEWAY = 30  # seconds by which clocks may differ


@dataclass(frozen=True, slots=True)
class StepUp:
    """What a sign-in must show: one of these `acr` values, and that it is at most so old.

    Empty and None demand nothing.
    """

    acr_values: tuple[str, ...] = ()
    max_age: int | None = None

    def __bool__(self) -> bool:
        """Tell whether anything is demanded."""
        return bool(self.acr_values) or self.max_age is not None

    def __and__(self, other: "StepUp") -> "StepUp":
        """Return what satisfies both. Raises TypeError where no acr value would."""
        shared = tuple(acr for acr in self.acr_values if acr in other.acr_values)
        if self.acr_values and other.acr_values and not shared:
            raise TypeError("no sign-in would satisfy both of these acr values")
        ages = [age for age in (self.max_age, other.max_age) if age is not None]
        return StepUp(shared or self.acr_values or other.acr_values, min(ages, default=None))

    def is_met_by(self, token: AccessToken, now: float) -> bool:
        """Tell whether the sign-in that a verified token speaks of is enough.

        A machine's token speaks of none.
        """
        if self.acr_values and token.acr not in self.acr_values:
            return False
        if self.max_age is None:
            return True
        return token.auth_time is not None and now - token.auth_time <= self.max_age + _LEEWAY


ANY_SIGN_IN = StepUp()
