"""Reading a file of interval history: bytes -> lines -> columns -> intervals, fast where rows are clean."""
