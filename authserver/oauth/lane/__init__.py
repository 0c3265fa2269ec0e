"""The lane before Flask: how machine endpoints are reached, and what their answers share.

Owns the strict request, dispatch by path, CORS and public documents. Must not know any endpoint.
URLs: those of oauth/routes.py.
"""
