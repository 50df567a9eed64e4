"""Editions, enrolment, import."""
