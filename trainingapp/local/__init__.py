"""Everything on one machine, for trying it out: what `make run` starts."""

GONE = "bounced.example"  # the local mailbox refuses this domain, as a server refuses someone who has left
