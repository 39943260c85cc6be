"""MCE/Oktell live: tokens, the list of agents, the socket of statuses. No database."""
