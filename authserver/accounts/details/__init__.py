"""Details: what people may say of themselves beyond name, language and time zone.

Owns which standard claims (OpenID Connect Core section 5.1) an account can have, their words and
their rules. Must not know who reads them, nor how they are stored. No URLs of its own.
"""
