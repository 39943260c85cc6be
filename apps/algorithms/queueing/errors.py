class QueueingError(ValueError):
    """An argument lies outside the queueing model; the message names the argument and its first bad index."""


class PatienceUndefinedError(QueueingError):
    """The call records hold no abandonment with a wait, so the mean patience has no finite estimate."""
