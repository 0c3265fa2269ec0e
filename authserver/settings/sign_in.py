"""How people sign in."""

from dataclasses import dataclass
from datetime import timedelta

from authserver.settings.declaring import SCHEMES, setting
from authserver.settings.machine import processors
from authserver.settings.readers import choice, count, seconds


@dataclass(frozen=True)
class SignInSettings:
    """Passwords, factors, mails with links, sessions: limits and times."""

    password_scheme: str = setting(
        "bcrypt",
        "How new password hashes are made: bcrypt, or argon2id (19 MiB, 2 passes; needs the extra"
        " `argon2`). Others are made anew at the next sign-in.",
        choice(*SCHEMES),
    )
    bcrypt_rounds: int = setting(12, "Cost of bcrypt's hashes, 12 to 16.", count)
    hashing_running: int = setting(
        processors(), "Password hashes computed at once. Default: processors.", count
    )
    hashing_waiting: int = setting(
        32, "Sign-ins that may wait for a hash; above it 503 with Retry-After.", count
    )
    login_rate: int = setting(
        50,
        "Sign-in requests a minute from one address (IPv6: /64) and for one email address; its"
        " /24 (/48) has ten times as many. A free tenant has half of all, an enterprise one twice.",
        count,
    )
    lockout_attempts: int = setting(
        5, "Wrong passwords in a row that lock untrusted devices out of an account.", count
    )
    lockout_time: timedelta = setting(
        timedelta(minutes=30), "How long an account stays locked for untrusted devices.", seconds
    )
    lockout_reset_attempts: int = setting(
        100, "Consecutive wrong passwords after which the password must be reset.", count
    )
    temporary_password_life: timedelta = setting(
        timedelta(days=7),
        "A password that an operator sets for the next sign-in opens nothing after this time.",
        seconds,
    )
    link_life: timedelta = setting(
        timedelta(minutes=30), "Life of a link that a mail carries.", seconds
    )
    recovery_mails: int = setting(
        3,
        "Mails with a link for a new password that an account gets in an hour (each browser that it"
        " knows has as many), and as many for a new address. At least 2: the last one waits until"
        " no link is good, and half an hour after the one before.",
        count,
    )
    invitation_life: timedelta = setting(
        timedelta(days=7), "An invitation can be accepted for this long after its mail.", seconds
    )
    registration_mails: int = setting(
        3,
        "Mails that an address gets in an hour because somebody registers with it. At least 2: the"
        " last one waits until no link is good, and half an hour after the one before.",
        count,
    )
    second_factor_time: timedelta = setting(
        timedelta(minutes=15),
        "A person may take this long from the password to the second factor.",
        seconds,
    )
    second_factor_flow_attempts: int = setting(
        5, "Wrong codes after which a sign-in takes no more of them.", count
    )
    second_factor_hour_attempts: int = setting(
        10,
        "Wrong codes of an account in an hour, in any sign-ins, that lock it for an hour.",
        count,
    )
    second_factor_reset_attempts: int = setting(
        100, "Consecutive wrong codes after which an administrator must reset the factor.", count
    )
    session_idle: timedelta = setting(
        timedelta(hours=1), "A session ends after this time without use.", seconds
    )
    session_absolute: timedelta = setting(
        timedelta(hours=24), "A session ends this long after the sign-in.", seconds
    )
