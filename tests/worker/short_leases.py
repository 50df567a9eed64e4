"""Loaded into the test's worker processes only: leases that end within the test."""

from datetime import timedelta

from trainingapp.outbox.sending import ledger

ledger.LEASE = timedelta(seconds=6)
ledger.MARGIN = timedelta(seconds=1)
ledger.GRACE = timedelta(seconds=4)
ledger.WAITS = (timedelta(seconds=1),)
