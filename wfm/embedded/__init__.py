"""The bundled PostgreSQL and Redis: started by the first process that needs them, stopped with the last one.

Every process that uses a bundled server holds a shared lock on a file; the kernel drops it with the process,
however it ends. One keeper process per server is its parent: it starts it, restarts it after a crash,
and stops it when nobody holds the lock any more. If the keeper itself is killed, the kernel stops the
server, and the next user starts a new keeper.
"""
