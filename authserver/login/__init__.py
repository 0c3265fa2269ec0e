"""The hosted pages: sign in, consent, sign out. One file for each page.

Owns what people see and the step each page does. Must not decide what comes next: every page
returns to /oauth/authorize by URL. URLs: /, /login/*.
"""
