"""Sources in the admin: the list, one source with its history, and adding a version."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from knowledge.admin.following import shown_changes
from knowledge.exceptions import KnowledgeError, NotAllowed
from knowledge.models import Category, FactPlace, SourceDocument
from knowledge.services.settling import say_not_about_it
from knowledge.services.sources import add_version, compare_again
from knowledge.sourcing.reading import SUFFIXES, SourceText, read_pasted, read_source
from knowledge.unfolding import ModelAdmin, display

#: Versions that a page shows with their changes; the others are on further pages.
SHOWN_VERSIONS = 10


class SourceForm(forms.Form):
    """A text that was pasted, or a file; of a new source also what it is."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=150, widget=UnfoldAdminTextInputWidget
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=SourceDocument.Kind.choices,
        initial=SourceDocument.Kind.POLICY,
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Of what is pasted; a file says it by its ending."),
    )
    category = forms.ModelChoiceField(
        Category.objects.all(),
        label=gettext_lazy("Category of new articles"),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    text = forms.CharField(
        label=gettext_lazy("Text"),
        required=False,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"class": "kb-source", "rows": 18}),
        help_text=gettext_lazy("A policy in Markdown or plain words, or a feed as CSV or JSON."),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a file"),
        required=False,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ",".join(sorted(SUFFIXES))}),
        help_text=gettext_lazy("Markdown, HTML, PDF, DOCX, CSV or JSON, up to 10 MB."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=300,
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, *args: Any, document: SourceDocument | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.document = document
        if document is not None:
            for field in ("name", "kind", "category"):
                del self.fields[field]

    def read(self) -> SourceText:
        """Raises SourceUnreadable."""
        file = self.cleaned_data["file"]
        if file is not None:
            return read_source(file.name, file.read())
        kind = self.document.kind if self.document else self.cleaned_data["kind"]
        return read_pasted(kind, self.cleaned_data["text"])


@admin.register(SourceDocument)
class SourceDocumentAdmin(ModelAdmin):
    list_display = ("name", "kind", "versions_shown", "changed", "progress", "waiting")
    list_filter = ("kind",)
    search_fields = ("name", "external_id", "head__text")
    list_before_template = "knowledge/admin/sources_intro.html"
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[SourceDocument]:
        edits = (
            FactPlace.objects.filter(
                change__version__document=OuterRef("pk"), suggestion__state="open"
            )
            .order_by()
            .values("change__version__document")
            .annotate(count=Count("suggestion", distinct=True))
            .values("count")
        )
        documents: QuerySet[SourceDocument] = super().get_queryset(request)
        return documents.select_related("head").annotate(
            version_count=Count("versions", filter=Q(versions__isnull=False)),
            open_edits=Subquery(edits),
        )

    @display(description=gettext_lazy("versions"), ordering="version_count")
    def versions_shown(self, document: Any) -> int:
        return int(document.version_count)

    @display(description=gettext_lazy("newest"), ordering="head__created_at")
    def changed(self, document: SourceDocument) -> str:
        if document.head is None:
            return "–"
        return date_format(localtime(document.head.created_at), "j M Y, H:i")

    @display(
        description=gettext_lazy("state"),
        ordering="head__state",
        label={"done": "success", "waiting": "warning", "comparing": "info", "failed": "danger"},
    )
    def progress(self, document: SourceDocument) -> tuple[str, str]:
        if document.head is None:
            return "waiting", "–"
        return document.head.state, document.head.get_state_display()

    @display(description=gettext_lazy("edits that wait"), ordering="open_edits")
    def waiting(self, document: Any) -> str:
        return str(document.open_edits or "–")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(view),
                name=f"knowledge_sourcedocument_{name}",
            )
            for name, view in (("again", self.again), ("settle", self.settle))
        ]
        return [*own, *super().get_urls()]

    def again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Compare the newest version anew, after it was given up."""
        document = self._find(request, str(pk))
        if not self.has_change_permission(request, document):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if document.head is not None:
            compare_again(version=document.head)
        return _to_page(document)

    def settle(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Somebody has read the places of the form: they are about something else."""
        document = self._find(request, str(pk))
        if not self.has_change_permission(request, document):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        places = [int(one) for one in request.POST.getlist("place") if one.isdecimal()]
        try:
            settled = say_not_about_it(document=document, places=places, by=request.user)  # type: ignore[arg-type]
        except NotAllowed as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        if settled:
            messages.success(request, _("Noted. Drafts that were held for it are let go."))
        else:
            messages.info(request, _("That had been settled already."))
        return _to_page(document)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._page(request, None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        document = self._find(request, object_id)
        if request.method == "POST" and not self.has_change_permission(request, document):
            raise PermissionDenied
        return self._page(request, document)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        return self._page(request, self._find(request, object_id))

    def _find(self, request: HttpRequest, object_id: str) -> SourceDocument:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        found = SourceDocument.objects.select_related("head", "category")
        document = found.filter(pk=object_id).first() if object_id.isdecimal() else None
        if document is None:
            raise Http404
        return document

    def _page(self, request: HttpRequest, document: SourceDocument | None) -> HttpResponse:
        is_sent = request.method == "POST"
        # What is edited is what stands: an admin changes a sentence, not the whole.
        text = document.head.text if document and document.head and not document.is_feed else ""
        form = SourceForm(
            request.POST if is_sent else None,
            request.FILES if is_sent else None,
            document=document,
            initial={"text": text},
        )
        if is_sent and form.is_valid():
            try:
                return self._added(request, form, document)
            except KnowledgeError as refusal:
                form.add_error(None, str(refusal))
        versions = (
            list(document.versions.select_related("author")[:SHOWN_VERSIONS]) if document else []
        )
        context = {
            **self.admin_site.each_context(request),
            "opts": SourceDocument._meta,
            "title": document.name if document else _("New source"),
            "document": document,
            "form": form,
            "versions": [(version, shown_changes(version)) for version in versions],
            "is_busy": any(not version.is_compared for version in versions),
            "can_edit": self.has_change_permission(request, document),
            "is_fullwidth": "1",
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "knowledge/admin/source.html", context, status=status)

    def _added(
        self, request: HttpRequest, form: SourceForm, document: SourceDocument | None
    ) -> HttpResponse:
        file = form.cleaned_data["file"]
        source = form.read()
        if file is not None:
            file.seek(0)
        added = add_version(
            name=document.name if document else form.cleaned_data["name"],
            source=source,
            external_id=document.external_id if document else "",
            category=None if document else form.cleaned_data["category"],
            author=request.user,  # type: ignore[arg-type]  # the admin site lets nobody else in
            note=form.cleaned_data["note"],
            file_name=file.name if file else "",
            original=file.read() if file else b"",
        )
        if added.is_new:
            said = _("Version %(number)d is kept. What it changes is looked for now.")
            messages.success(request, said % {"number": added.version.number})
        else:
            messages.info(request, _("That is what the newest version says already."))
        return _to_page(added.version.document)


def _to_page(document: SourceDocument) -> HttpResponse:
    return HttpResponseRedirect(
        reverse("admin:knowledge_sourcedocument_change", args=[document.pk])
    )
