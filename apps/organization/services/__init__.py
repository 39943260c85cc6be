"""Writes of people's facts: validated, audited, safe to repeat."""
