"""Sources that articles rest on: product feeds and policy texts, read into plain text."""
