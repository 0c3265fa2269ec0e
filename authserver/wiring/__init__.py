"""How the server is put together: services out of settings, pages out of services.

Owns which part is given what, and nothing else: no rule, no query, no page. app.py joins the lanes
over it; commands take their services from it.
"""
