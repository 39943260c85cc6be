"""Imports of what Argus exports: history, operators by hour, employees, schedules."""
