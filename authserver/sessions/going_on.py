"""One session that goes on where everything else of the account ends, in a browser with a new name.

For a person who changes the password or a factor: their epoch moves on, this session moves along.
The browser's old name is worth nothing afterwards, for whoever has a copy of it (TOP-09).
"""

from dataclasses import dataclass, field

from authserver.accounts.directory import UserSnapshot
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_secret
from authserver.sessions import rows


@dataclass
class GoingOn:
    """Keeps a session; call it with the account as it is afterwards.

    `fresh` is the browser's new name; it counts if `happened`.
    """

    session_id: str
    browser_token: str
    fresh: str = field(default_factory=new_secret)
    happened: bool = False

    def __call__(
        self, transaction: Transaction, user: UserSnapshot, methods: tuple[str, ...] = ()
    ) -> None:
        """Take the session over to the account's new epoch.

        `methods` are given where the person has just proved a second factor, by these: the session
        says so.
        """
        rows.carry_on(transaction, self.session_id, user)
        if methods:
            rows.raise_level(transaction, self.session_id, user, methods=methods)
        rows.move(transaction, self.browser_token, self.fresh)
        self.happened = True
