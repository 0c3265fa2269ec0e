"""The part of the story about invitations, and about people who register."""

from tests.flows.entry_story import Change, EntryStory
from tests.support.browser import hidden
from tests.support.joining import CHOSEN, NAME, Guestbook, arrived, register_page


class JoiningStory(EntryStory):
    """People come to a tenant: somebody asks them in, or they ask themselves."""

    def invite(self) -> Change:
        return Guestbook(self.world).invite

    def on_the_invitation(self, method: str) -> Change:
        book = Guestbook(self.world)
        entry = book.invite()
        self.world.clock.move(minutes=6)
        return lambda: book.change(method, entry.id)

    def accept(self) -> Change:
        book, browser = Guestbook(self.world), self.browser()
        page = arrived(self.world, book.mailed(), browser)
        fields = {**hidden(page), "name": NAME, "password": CHOSEN}
        return lambda: browser.post("/login/invitation", data=fields)

    def ask_to_register(self) -> Change:
        return self._registering(Guestbook(self.world))

    def register(self) -> Change:
        book, browser = Guestbook(self.world), self.browser()
        self._registering(book)()
        page = arrived(self.world, book.link(), browser)
        fields = {**hidden(page), "name": NAME, "password": CHOSEN}
        return lambda: browser.post("/login/register/new", data=fields)

    def _registering(self, book: Guestbook) -> Change:
        book.open_to_all()
        browser = self.browser()
        page = register_page(self.world, self.world.client(book.tenant), browser)
        fields = {**hidden(page), "email": book.email}
        return lambda: browser.post("/login/register", data=fields)
