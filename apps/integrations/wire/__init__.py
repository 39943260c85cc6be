"""How other systems speak: bytes and JSON in and out of dataclasses. Nothing here knows the database."""
