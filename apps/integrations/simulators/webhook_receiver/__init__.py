"""A stranger's webhook receiver, which trusts nothing that is not signed."""
