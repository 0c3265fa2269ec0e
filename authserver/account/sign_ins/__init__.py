"""Linked sign-ins: providers by which the person proves who they are, connected and disconnected.

Must not know what comes back from a provider: the callback of every sign-in takes that
(login/federation), and leads back here. URL: /account/sign-ins.
"""
