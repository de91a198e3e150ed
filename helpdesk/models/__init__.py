"""The rows of the helpdesk: people, tickets, what was written, drafts, and queued work."""

from helpdesk.models.api import IdempotentRequest
from helpdesk.models.decisions import DraftDecision, ErrorPromise
from helpdesk.models.drafts import Citation, Draft, ShadowDraft
from helpdesk.models.gaps import Gap, GapQuestion
from helpdesk.models.holds import DraftHold
from helpdesk.models.jobs import Heartbeat, Job
from helpdesk.models.learning import TaughtFact
from helpdesk.models.macros import Macro, MacroEdit
from helpdesk.models.messages import Attachment, Message
from helpdesk.models.nights import GapNight
from helpdesk.models.people import Organization, User
from helpdesk.models.replays import Replay, ReplayedTicket
from helpdesk.models.tickets import (
    Queue,
    Tag,
    Ticket,
    TicketEvent,
    TicketRating,
    TicketViewing,
)

__all__ = [
    "Attachment",
    "Citation",
    "Draft",
    "DraftDecision",
    "DraftHold",
    "ErrorPromise",
    "Gap",
    "GapNight",
    "GapQuestion",
    "Heartbeat",
    "IdempotentRequest",
    "Job",
    "Macro",
    "MacroEdit",
    "Message",
    "Organization",
    "Queue",
    "Replay",
    "ReplayedTicket",
    "ShadowDraft",
    "Tag",
    "TaughtFact",
    "Ticket",
    "TicketEvent",
    "TicketRating",
    "TicketViewing",
    "User",
]
