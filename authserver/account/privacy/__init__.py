"""/account/privacy: what is stored of a person, what they allowed, and what they can ask for.

It shows what `privacy` knows and decides nothing itself.
"""
