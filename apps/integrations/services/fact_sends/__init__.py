"""Worked time to 1C: each fact once at most, and what to do when it is not known whether it arrived."""

from apps.integrations.services.fact_sends.asking import send_facts
from apps.integrations.services.fact_sends.deciding import Decision, decide

__all__ = ["Decision", "decide", "send_facts"]
