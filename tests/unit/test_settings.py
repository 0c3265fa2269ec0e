"""Settings that cannot be meant are refused at the start, in words."""

import os
import subprocess
import sys

import pytest

from authserver.settings import SettingsError, from_environment


@pytest.mark.parametrize("name", ["AUTHSERVER_RECOVERY_MAILS", "AUTHSERVER_REGISTRATION_MAILS"])
@pytest.mark.parametrize("number", ["0", "1"])
def test_fewer_than_two_mails_an_hour_are_refused(name: str, number: str) -> None:
    """With none nobody recovers; with one it is whoever asks first that decides when."""
    with pytest.raises(SettingsError, match=f"{name} must be at least 2: the last mail"):
        from_environment({name: number})
    assert from_environment({name: "2"})


def test_a_link_lives_as_long_as_a_mail_takes() -> None:
    with pytest.raises(SettingsError, match="AUTHSERVER_LINK_LIFE must be at least 60"):
        from_environment({"AUTHSERVER_LINK_LIFE": "59"})
    assert from_environment({"AUTHSERVER_LINK_LIFE": "60"})


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("AUTHSERVER_DEFAULT_LANGUAGE", "it", "must be en, de, fr or es"),
        ("AUTHSERVER_WORKER", "both", "must be embedded or external"),
        ("AUTHSERVER_LOG_LEVEL", "loud", "must be DEBUG, INFO, WARNING or ERROR"),
        ("AUTHSERVER_LINK_LIFE", "0", "must be at least 1 second"),
        ("AUTHSERVER_RECOVERY_MAILS", "-3", "must be a whole number"),
        ("AUTHSERVER_RECOVERY_MALES", "3", "is not a setting"),
    ],
)
def test_what_is_no_value_is_refused_with_its_name(name: str, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}.*{said}"):
        from_environment({name: text})


@pytest.mark.skipif(sys.platform != "linux", reason="processes are tied to processors there")
def test_no_more_hashes_at_once_than_processors_that_the_process_may_use() -> None:
    one = min(os.sched_getaffinity(0))
    program = f"import os; os.sched_setaffinity(0, {{{one}}}); import authserver.settings as s;"
    program += "print(s.Settings().hashing_running)"
    command = [sys.executable, "-c", program]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "1\n"
