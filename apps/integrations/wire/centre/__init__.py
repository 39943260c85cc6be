"""The contact centre's methods: what is asked for and how answers are read. No database."""
