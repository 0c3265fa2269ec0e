"""What most attacks begin with: a tenant, its person, a client, and a browser."""

from tests.support.browser import Browser, Party, answered
from tests.support.world import ClientFixture, World


class Scene:
    """A person with an account, a client, and what they got from each other."""

    def __init__(self, world: World, kind: str = "web", **client: object) -> None:
        self.world = world
        self.tenant = world.tenant()
        self.person = world.user(self.tenant)
        self.client: ClientFixture = world.client(self.tenant, kind, **client)
        self.browser = Browser(world)

    def code(self) -> str:
        return self.browser.code(self.client, self.person)

    def tokens(self) -> dict[str, str]:
        return self.party().redeem(self.code()).json

    def party(self, client: ClientFixture | None = None) -> Party:
        return Party(self.world, client or self.client)

    def silent_code(self, browser: Browser | None = None, **parameters: str) -> dict[str, str]:
        """Ask without showing a page; return what leaves for the client."""
        asked = (browser or self.browser).authorize(self.client, prompt="none", **parameters)
        return answered(asked)
