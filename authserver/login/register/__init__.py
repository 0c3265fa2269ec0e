"""The pages of self-registration: an address, a mailed link, then a name and a password.

Must not know how requests are stored, and signs nobody in. URLs: /login/register,
/login/register/*.
"""
