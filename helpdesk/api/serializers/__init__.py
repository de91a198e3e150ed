"""Shapes of input and output. What may be done is the services' to say, not theirs."""
