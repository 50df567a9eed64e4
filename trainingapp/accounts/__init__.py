"""Who signs in: users, sessions, the audit trail."""
