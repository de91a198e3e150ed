"""The agents' side, inside the admin."""
