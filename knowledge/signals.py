"""Events of the knowledge base, for the apps above it to act on.

Sent inside the transaction that made the change; a receiver that starts work
elsewhere waits for the commit.
"""

from django.dispatch import Signal

#: What readers may see of an article changed: published, archived, moved, shown to others.
#: Arguments: `article_id` (int).
article_changed = Signal()

#: A suggestion was opened, or what it proposes has changed.
#: Arguments: `suggestion_id` (int).
suggestion_proposed = Signal()

#: A source has a new version, which nobody has compared with the one before.
#: Arguments: `version_id` (int).
source_changed = Signal()

#: An article was submitted, approved, published and so on; what, and who did it, is in the row.
#: Arguments: `event_id` (int), of an `ArticleEvent`.
article_stepped = Signal()

#: Somebody said of places of a changed fact that they are about something else.
places_settled = Signal()

#: Somebody joined or left a group of readers, and may read more or less than before.
#: Arguments: `user_id` (int).
membership_changed = Signal()
