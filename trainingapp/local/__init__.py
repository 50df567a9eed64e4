"""Everything on one machine, for trying it out: what `make run` starts."""
