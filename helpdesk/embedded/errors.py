"""What can go wrong with the embedded services, in words a shop owner can act on.

Knows what servers write into their logs; must not know how they are started.
"""

# What a server's log says → what happened and what to do about it.
KNOWN_CAUSES: dict[str, str] = {
    "No space left on device": "The disk is full. Free some space and start again.",
    "Disk quota exceeded": "The disk quota is used up. Free some space and start again.",
    "Address already in use": (
        "The port is taken by another program. Stop that program, or choose another port "
        "with HELPDESK_PG_PORT or HELPDESK_VALKEY_PORT."
    ),
    "Cannot allocate memory": (
        "The machine has too little free memory. Stop other programs, or lower shared_buffers "
        "in postgresql.conf inside the data directory."
    ),
    "Read-only file system": "The disk is mounted read-only. Choose another data directory.",
    "error while loading shared libraries": (
        "A system library named in the log is missing. Install the package that provides it "
        "(on Debian and Ubuntu: libgssapi-krb5-2 libssl3 liblz4-1 libzstd1 libreadline8)."
    ),
    "Permission denied": (
        "The account that runs the services may not use one of its files. Check who owns the "
        "path named in the log."
    ),
}


class EmbeddedServiceError(Exception):
    """An embedded service cannot be used; the message says why and what to do."""


def explain(log: str) -> str | None:
    """The plain-words cause for what a server logged, or None for an unknown one."""
    lowered = log.lower()
    return next((cause for sign, cause in KNOWN_CAUSES.items() if sign.lower() in lowered), None)


def failure(what: str, *, log: str, place: str) -> EmbeddedServiceError:
    """An error with the cause if it is known, and always the end of the log."""
    lines = [what]
    if cause := explain(log):
        lines.append(cause)
    if log.strip():
        lines += [f"The end of {place}:", *(f"  {line}" for line in log.splitlines())]
    else:
        lines.append(f"{place} says nothing about it.")
    return EmbeddedServiceError("\n".join(lines))
