"""What the authorization endpoint understands. Metadata and checks read the same names."""

RESPONSE_TYPES = ("code",)
RESPONSE_MODES = ("query", "form_post")
PROMPTS = frozenset({"none", "login", "consent", "select_account"})
REPEATABLE = frozenset({"resource"})
MAX_STATE = 2048  # characters of `state` and of `nonce`
