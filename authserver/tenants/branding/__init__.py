"""How a tenant's pages and mails look: its logo and its colour, both of our own making.

No tenant gives us CSS or a file that is served as it came: a colour is six digits, from which
`policy` computes what stays readable, and a logo is pixels. Must not know pages. No URLs of its
own: login/branding gives them out.
"""
