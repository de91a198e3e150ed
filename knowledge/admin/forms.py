"""The shape of an article's edit form. What it means is decided by the services."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from knowledge.exchange.rows import LEVEL
from knowledge.models import Article, Category, ReaderGroup, Revision
from knowledge.types import ArticleDetails, ArticleText


class CategoryChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Categories as a tree, deeper ones further in."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Category.objects.in_tree_order(), **options)

    def label_from_instance(self, obj: Category) -> str:
        return "\u2003" * obj.depth + obj.name


class ReaderGroupsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """With how many people are in each: an empty group is a secret."""

    def __init__(self, **options: Any) -> None:
        super().__init__(ReaderGroup.objects.with_counts(), **options)

    def label_from_instance(self, obj: ReaderGroup) -> str:
        return f"{obj.name} ({obj.member_count or _('nobody yet: only agents read it')})"


class LocalDateTimeInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        classes = UnfoldAdminTextInputWidget().attrs["class"]
        super().__init__({"class": classes}, format="%Y-%m-%dT%H:%M")


class LocalDateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        classes = UnfoldAdminTextInputWidget().attrs["class"]
        super().__init__({"class": classes}, format="%Y-%m-%d")


#: What readers see of an article beside its text; of a published one a publisher's.
DETAILS = (
    "category", "visibility", "reader_groups", "language", "slug", "translation_of", "tags",
    "valid_from", "valid_until",
)  # fmt: skip


class ArticleForm(forms.Form):
    base_revision = forms.ModelChoiceField(
        Revision.objects.none(), required=False, widget=forms.HiddenInput
    )
    title = forms.CharField(label=_("Title"), max_length=200, widget=UnfoldAdminTextInputWidget)
    summary = forms.CharField(
        label=_("Summary"),
        max_length=300,
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 2}),
        help_text=_("One or two sentences, shown in lists and search results."),
    )
    body = forms.CharField(
        label=_("Text"),
        strip=False,
        widget=UnfoldAdminTextareaWidget({"rows": 26, "class": "kb-source", "spellcheck": "true"}),
        help_text=_("Markdown: ## heading, **bold**, - list, | table |, [link](https://…)."),
    )
    note = forms.CharField(
        label=_("What changed, and why"),
        max_length=300,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )
    significance = forms.ChoiceField(
        label=_("How much changed"),
        choices=[("", _("As the words suggest")), *Revision.Significance.choices],
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("After a major change translations are out of date, and votes start anew."),
    )
    category = CategoryChoiceField(label=_("Category"), widget=UnfoldAdminSelectWidget)
    visibility = forms.ChoiceField(
        label=_("Visibility"),
        choices=Article.Visibility.choices,
        initial=Article.Visibility.PUBLIC,
        widget=UnfoldAdminSelectWidget,
    )
    reader_groups = ReaderGroupsField(
        label=_("Groups of readers"),
        required=False,
        widget=UnfoldAdminSelect2MultipleWidget,
        help_text=_(
            "Of a restricted article: signed-in customers in one of these read it, and agents. "
            "Drafts and answers quote it to nobody else."
        ),
    )
    language = forms.RegexField(
        r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$",
        label=_("Language"),
        max_length=15,
        initial="en",
        widget=UnfoldAdminTextInputWidget,
        error_messages={"invalid": _("A language code such as en, nl or pt-BR.")},
    )
    slug = forms.SlugField(
        label=_("Address"),
        max_length=150,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The end of the article's link. The old one goes on leading here."),
        error_messages={"invalid": _("Letters a to z, digits, - and _ only.")},
    )
    translation_of = forms.SlugField(
        label=_("Translation of"),
        max_length=150,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The address of the original; empty if this is one."),
    )
    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Separated by commas."),
    )
    valid_from = forms.DateTimeField(
        label=_("Valid from"), required=False, widget=LocalDateTimeInput
    )
    valid_until = forms.DateTimeField(
        label=_("Valid until"),
        required=False,
        widget=LocalDateTimeInput,
        help_text=_("Readers see it only between these."),
    )
    owner = forms.ModelChoiceField(
        get_user_model().objects.none(),
        label=_("Owner"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        empty_label=_("The category's owner"),
    )
    review_by = forms.DateField(
        label=_("Review by"),
        required=False,
        widget=LocalDateInput,
        help_text=_("By this day somebody looks whether it still holds."),
    )

    def __init__(
        self,
        *args: Any,
        article: Article | None = None,
        may_publish: bool = True,
        **options: Any,
    ) -> None:
        if article is not None:
            options.setdefault("initial", _initial(article))
        super().__init__(*args, **options)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = get_user_model().objects.filter(is_staff=True, is_active=True)
        if article is not None:
            if article.state == Article.State.PUBLISHED and not may_publish:
                for name in DETAILS:
                    self.fields[name].disabled = True
            base_revision = self.fields["base_revision"]
            assert isinstance(base_revision, forms.ModelChoiceField)
            base_revision.queryset = Revision.objects.filter(article=article)

    def clean(self) -> dict[str, Any] | None:
        """Neither field is guessed from the other: a slip must not show an article to all."""
        said = super().clean()
        is_restricted = self.cleaned_data.get("visibility") == Article.Visibility.RESTRICTED
        groups = self.cleaned_data.get("reader_groups")
        if is_restricted and groups is not None and not groups:
            self.add_error("reader_groups", _("Please choose who reads it."))
        if groups and not is_restricted:
            self.add_error("visibility", _("Choose “Restricted to groups”, or take them out."))
        return said

    def clean_tags(self) -> tuple[str, ...]:
        tags = (" ".join(tag.split()) for tag in self.cleaned_data["tags"].split(","))
        return tuple(dict.fromkeys(tag for tag in tags if tag))

    def clean_translation_of(self) -> Article | None:
        slug = self.cleaned_data["translation_of"]
        source = Article.objects.at_address(slug).first() if slug else None
        if slug and source is None:
            raise forms.ValidationError(_("No article has this address."))
        return source

    @property
    def text(self) -> ArticleText:
        said = self.cleaned_data
        return ArticleText(title=said["title"], body=said["body"], summary=said["summary"])

    @property
    def details(self) -> ArticleDetails:
        names = ("visibility", "language", "tags", "valid_from", "valid_until")
        groups = sorted(group.pk for group in self.cleaned_data["reader_groups"])
        said = {name: self.cleaned_data[name] for name in names}
        return ArticleDetails(**said, reader_groups=tuple(groups))


def _initial(article: Article) -> dict[str, Any]:
    assert article.head is not None
    return {
        "base_revision": article.head_id,
        "title": article.head.title,
        "summary": article.head.summary,
        "body": article.head.body,
        "category": article.category_id,
        "visibility": article.visibility,
        "reader_groups": article.reader_groups,
        "language": article.language,
        "slug": article.slug,
        "translation_of": article.translation_of.slug if article.translation_of else "",
        "tags": ", ".join(article.tags),
        "valid_from": _local(article.valid_from),
        "valid_until": _local(article.valid_until),
        "owner": article.owner_id,
        "review_by": article.review_by,
    }


def _local(moment: datetime | None) -> datetime | None:
    return timezone.localtime(moment) if moment else None


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Category
        fields = ["name", "slug", "parent", "description", "position", "owner"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if LEVEL in name:
            raise forms.ValidationError(
                _("“ / ” stands between levels in files; please name it without.")
            )
        return name
