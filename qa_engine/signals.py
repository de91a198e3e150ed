"""Questions and events of the engine, for the apps above it."""

from django.dispatch import Signal

#: Somebody wants a version to answer. A receiver returns the reasons against it that only it
#: knows, in words for an admin; no receiver's list, no reason.
#: Arguments: `version` (ModelVersion).
promotion_asked = Signal()
