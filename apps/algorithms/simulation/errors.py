class SimulationError(ValueError):
    """A plan that cannot be simulated; the message names the field and the row."""
