"""What every simulator stands on: a server on a real socket, a ledger of effects, faults on demand."""
