"""The field's metrics as their authors define them. Pure Python: no Django, no numpy."""

from qa_engine.evaluation.metrics.calibration import (
    RiskCoverage,
    area_under_risk_coverage,
    expected_calibration_error,
    refused_when_keeping,
    risk_coverage,
)
from qa_engine.evaluation.metrics.classification import (
    in_scope_accuracy,
    matthews,
    out_of_scope_recall,
)
from qa_engine.evaluation.metrics.ranking import hit_at, ndcg_at, recall_at, reciprocal_rank
from qa_engine.evaluation.metrics.squad import (
    best_thresholds,
    exact_match,
    f1,
    normalize,
    score_v1,
    score_v2,
)
from qa_engine.evaluation.metrics.statistics import (
    Comparison,
    clopper_pearson_upper,
    mean,
    paired_bootstrap,
    percentile,
)

__all__ = [
    "Comparison",
    "RiskCoverage",
    "area_under_risk_coverage",
    "best_thresholds",
    "clopper_pearson_upper",
    "exact_match",
    "expected_calibration_error",
    "f1",
    "hit_at",
    "in_scope_accuracy",
    "matthews",
    "mean",
    "ndcg_at",
    "normalize",
    "out_of_scope_recall",
    "paired_bootstrap",
    "percentile",
    "recall_at",
    "reciprocal_rank",
    "refused_when_keeping",
    "risk_coverage",
    "score_v1",
    "score_v2",
]
