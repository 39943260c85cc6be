"""The contact centre as a partner: runs that ask for its past, polling of its present."""
