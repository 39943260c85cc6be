"""Other systems as programs over real sockets, written from the contracts and not from our adapters."""
