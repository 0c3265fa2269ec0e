import subprocess
import sys

import pytest

PROGRAM = "import sys; {}; print('zxcvbn' in sys.modules, 'argon2' in sys.modules)"


@pytest.mark.parametrize(
    "start",
    [
        "import authserver.cli.users, authserver.cli.tenants",
        "import authserver.app",
        "from authserver.accounts.passwords.hasher import PasswordHasher; PasswordHasher(b'', 4)",
    ],
)
def test_nothing_but_the_choice_of_a_password_reads_the_lists(start: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(start)], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == ["False", "False"]
