"""PostgreSQL and Valkey from wheels, for machines that have neither.

    services = Services(data_dir)
    endpoints = services.start()

Imports no Django and may be used from settings. Must not know what the database is for.
"""

from helpdesk.embedded.errors import EmbeddedServiceError
from helpdesk.embedded.services import ALL_SERVICES, Endpoints, Services, ServiceStatus

__all__ = ["ALL_SERVICES", "EmbeddedServiceError", "Endpoints", "ServiceStatus", "Services"]
