"""Assertions as grants (RFC 7523 section 2.1): others vouch, and their word becomes a token.

Owns which issuers a tenant trusts, how their assertions are judged and whom they lead to. Must not
know how a token is made. No URL of its own: it is a grant of /oauth/token.
"""
