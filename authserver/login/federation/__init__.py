"""Signing in by a provider: the way there, the way back, and what people see in between.

Owns the buttons of the sign-in page, who is sent to which provider at once, and the pages around
it. Must not know what a provider's answer looks like, nor whose account it opens.
URLs: /login/federation/link, /login/federation/<connection id>, and /callback below that.
"""
