"""The screens of roles: what each allows, a tenant's own ones, who holds them and until when."""
