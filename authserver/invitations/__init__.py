"""Invitations: a mail asks somebody into a tenant, with roles that hold once it is accepted.

Owns their rows, who may invite, and what accepting does. Must not know clients, tokens or browsers.
No URLs of its own: its links lead to /login/invitation.
"""
