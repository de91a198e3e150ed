"""The pages on which people decide about suggestions, with the tickets that speak for them."""
