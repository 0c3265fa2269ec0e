"""The pages that the mail to a new security contact leads to.

Owns the button that takes the checkpoints of an organization's trail. Must not know how a contact
is asked for, and signs nobody in: a team's mailbox has no account.
URLs: /login/contact/confirm, /login/contact/done.
"""
