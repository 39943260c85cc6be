"""Rostering: a month of lawful shifts with breaks for one queue, as close to the requirement as people allow.

``solve(RosterProblem) -> RosterSolution``; the labour rules that restrain it check any schedule, by whoever
made it.
"""
