"""The supervisor's word on a plan, before it begins."""
