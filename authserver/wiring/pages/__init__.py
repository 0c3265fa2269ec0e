"""The pages, put together: which page is given what, and which blueprint Flask gets.

Owns the order of joining. Must not know what a page does.
"""
