"""The pages that the mails about a change of address lead to.

Owns the buttons for and against a new address. Must not know how a change is asked for, and signs
nobody in. URLs: /login/email/confirm, /login/email/keep.
"""
