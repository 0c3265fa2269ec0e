"""What providers gave for their own APIs, of accounts that are linked: kept, refreshed, forgotten.

Owns the rows of provider_tokens. They are encrypted for their row and column, go with the identity
they belong to, and are in no page, answer, export, event or log. Must not know who asks for one.
"""
