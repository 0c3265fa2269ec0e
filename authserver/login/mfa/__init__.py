"""The pages of the second factor: prove it, set one up, keep the backup codes.

Owns what people see between the password and the session. Must not decide whether a factor is due
or what comes next. URLs: /login/mfa, /login/mfa/*.
"""
