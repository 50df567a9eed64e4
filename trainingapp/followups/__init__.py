"""Schedules, waves, invitations, the ledger."""
