"""Operations on roles: what each allows, a tenant's own ones, and who holds which."""
