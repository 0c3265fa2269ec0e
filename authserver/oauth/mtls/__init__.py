"""Clients that show a certificate (RFC 8705), behind a proxy that ends TLS and is trusted.

Owns which certificate a request brings, which client it proves, and what a token that is bound to
one is good with. Must not know which endpoint asks, nor how the certificate came into the request:
`core.edge` takes it from the header that the settings name, of trusted proxies only.
"""
