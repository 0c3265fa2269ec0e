"""Programs to paste: how a client of some kind gets its tokens, in several languages.

Owns the texts. Whatever was registered is put in as a literal of the language: a scope may hold any
printable character, and what somebody pastes must not run it. No text ever holds a secret.
"""
