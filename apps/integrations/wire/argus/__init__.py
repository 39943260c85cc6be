"""Tables as Argus exports them: the names of their columns, and rows of text into plain facts."""
