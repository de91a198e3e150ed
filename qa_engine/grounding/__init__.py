"""The check that every draft passes before anybody sees it. Imports no Django."""

from qa_engine.grounding.check import GroundingCheck
from qa_engine.grounding.types import UNAVAILABLE, Flaw, Grounding, Problem, Verdict

__all__ = ["UNAVAILABLE", "Flaw", "Grounding", "GroundingCheck", "Problem", "Verdict"]
