"""The whole helpdesk under one hand: what `manage.py run` starts, watches and stops."""
