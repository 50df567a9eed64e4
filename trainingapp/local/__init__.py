"""Everything on one machine, for trying it out: what `make run` starts."""

RETURNS = (
    "returned.example"  # the local mailbox takes mail for this domain, and sends a bounce a moment later
)
GONE = "bounced.example"  # the local mailbox refuses this domain, as a server refuses someone who has left
