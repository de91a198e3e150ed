"""What is asked before a training starts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldBooleanWidget,
)

from qa_engine.training_models import TrainingSet, Work

#: Comparisons start from a version's page.
STARTED_HERE = (Work.EXPORT, Work.QUERIES, Work.RETRIEVER, Work.RERANKER, Work.READER)


class StartForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What"),
        choices=[(one.value, one.label) for one in STARTED_HERE],
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy(
            "The retriever finds passages, the reranker puts them in order. The query encoder is "
            "the retriever's side that reads questions: it learns in minutes, and no index is "
            "built anew. The reader marks the "
            "words that answer: it is used in evaluations alone, and no draft changes with it, "
            "since drafts written from its spans were measured and not better. An export "
            "collects what they learn from, and needs nothing of the below."
        ),
    )
    training_set = forms.ModelChoiceField(
        label=gettext_lazy("Training set"),
        queryset=TrainingSet.objects.filter(state=TrainingSet.State.READY),
        required=False,
        empty_label=gettext_lazy("none: the articles alone"),
        widget=UnfoldAdminSelectWidget,
    )
    use_articles = forms.BooleanField(
        label=gettext_lazy("Learn from the articles, too"),
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget,
    )
    epochs = forms.IntegerField(
        label=gettext_lazy("Epochs"),
        min_value=1,
        max_value=20,
        initial=2,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=gettext_lazy("How often it goes through all examples; two are usual."),
    )
    minutes = forms.FloatField(
        label=gettext_lazy("Stop after so many minutes"),
        min_value=0,
        initial=60,
        required=False,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=gettext_lazy("0 sets no limit."),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("kind") in (Work.READER, Work.QUERIES) and not data.get("training_set"):
            self.add_error(
                "training_set", gettext_lazy("It learns from replies alone: choose a set.")
            )
        return data
