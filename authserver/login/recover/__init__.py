"""The pages of a forgotten password and of a locked account.

Owns the way from a mailed link to what it does. Must not know how links are stored, and signs
nobody in. URLs: /login/recover, /login/recover/*.
"""
