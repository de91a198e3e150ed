"""Mail that leaves the helpdesk."""
