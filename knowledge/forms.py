"""What readers send: the shape only."""

from __future__ import annotations

from django import forms


class FeedbackForm(forms.Form):
    helpful = forms.TypedChoiceField(
        choices=[("yes", "yes"), ("no", "no")], coerce=lambda said: said == "yes"
    )
    comment = forms.CharField(required=False, max_length=1000)
