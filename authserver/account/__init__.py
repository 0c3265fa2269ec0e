"""The signed-in person's own pages: what they see of their account, and change themselves.

Owns these pages and the rule for which account they act: the one that this browser chose or signed
in with last, named again in every form. Must not know how a person proves who they are: for that,
and to be sure again, it sends them to the sign-in page, which sends them back. URLs: /account,
/account/*.
"""
