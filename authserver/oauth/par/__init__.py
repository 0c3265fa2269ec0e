"""Pushed authorization requests (RFC 9126): a client leaves its request here, out of the browser.

Owns how a request is left and taken, once. Must not know what is in it. URL: POST /oauth/par.
"""
