"""Upstream sign-in: people who prove elsewhere who they are, at Google, GitHub, Entra or any OP.

Owns the connections to those providers, what they said of a person (`Identity`), which account that
is (`policy.decide`), the links between the two, and the provider's tokens. Must not know pages,
cookies, or what comes next in a sign-in: it ends where an account was found, linked or made, and
the gate of every sign-in begins. The pages are login/federation: /login/federation/….
"""
