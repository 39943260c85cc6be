"""`python -m benchmarks faults`: the faults of other systems, workers and servers, and what held."""
