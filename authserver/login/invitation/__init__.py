"""The pages of an invitation: what it is to, a new account or a guest account, and the way on.

Must not know how invitations are stored, and signs nobody in. URLs: /login/invitation,
/login/invitation/done.
"""
