"""HTTP of the desk: parse, authorise, call a service, draw. Wrapped by the admin site."""
