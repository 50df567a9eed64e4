"""What changed, and how well it is shown: shared frames, what feeds them, dashboards as of a day."""
