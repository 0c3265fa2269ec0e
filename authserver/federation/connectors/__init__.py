"""How each kind of provider is spoken with: one file for each.

Owns the protocol towards a provider and the checks of what it answers. Must not know accounts,
links or pages. Everything goes out through `core.net.fetch`. No URLs of our own.
"""
