"""Administration, apart: API, console and partner's pages are an application of their own.

Owns which paths are theirs, the application, and the layer that makes it for the first request to
it. Most processes give tokens and never show a screen: what screens take, some 17 MB and a second
of start, is spent by those that do (decision 0060). Must not know what a screen does.
"""
