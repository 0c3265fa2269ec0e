"""Device authorization (RFC 8628): for whoever has a screen and no browser.

Owns what devices are given, what people enter, and how wrong entries are counted. Must not know
how pages look. URL: POST /oauth/device_authorization; people's pages are login/device.
"""
