"""MCE/Oktell as it shows itself live: tokens, a socket of statuses, a list of agents."""
