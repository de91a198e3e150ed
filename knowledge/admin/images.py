"""Pictures for articles: uploading one, and the list with those that nothing shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from knowledge.exceptions import KnowledgeError
from knowledge.models import ArticleImage
from knowledge.services.images import delete_unused_images, keep_image
from knowledge.unfolding import ExplainedAdmin, display
from knowledge.uploads import PICTURES


class ImageForm(forms.Form):
    file = forms.FileField(
        label=_("Picture"),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(sorted(PICTURES))}),
    )
    alt = forms.CharField(
        label=_("What it shows"),
        max_length=300,
        help_text=_("For readers who cannot see it."),
    )


class UseFilter(admin.SimpleListFilter):
    title = _("use")
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("none", _("in no article")), ("some", _("in an article"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ArticleImage]
    ) -> QuerySet[ArticleImage]:
        match self.value():
            case "none":
                return ArticleImage.objects.unused().filter(pk__in=queryset.values("pk"))
            case "some":
                return ArticleImage.objects.used().filter(pk__in=queryset.values("pk"))
        return queryset


@admin.register(ArticleImage)
class ArticleImageAdmin(ExplainedAdmin):
    list_help = _(
        "Pictures that were uploaded for articles. One that no text names which readers see or "
        "somebody is writing can be deleted a day after it came; earlier revisions may name it."
    )
    empty_help = _("Upload one here or beside an article's text.")
    list_display = ("shown_picture", "alt", "shown_size", "uploader", "created_at")
    list_filter = (UseFilter,)
    list_select_related = ("uploader",)
    list_per_page = 50
    search_fields = ("alt", "sha256")
    fields = ("shown_picture", "markdown", "alt", "shown_size", "uploader", "created_at")
    readonly_fields = fields

    def has_change_permission(self, request: HttpRequest, obj: ArticleImage | None = None) -> bool:
        return False

    @display(description=_("picture"))
    def shown_picture(self, image: ArticleImage) -> SafeString:
        return format_html(
            '<img src="{}" alt="" loading="lazy" style="max-height:4rem;max-width:8rem">',
            image.get_absolute_url(),
        )

    @display(description=_("size"), ordering="size")
    def shown_size(self, image: ArticleImage) -> str:
        return filesizeformat(image.size)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return upload(self, request)

    def get_deleted_objects(
        self, objs: Sequence[ArticleImage] | QuerySet[ArticleImage], request: HttpRequest
    ) -> Any:
        """What a text names stands in the way, and the page says so instead of asking."""
        deleted, counts, needed, protected = super().get_deleted_objects(objs, request)
        keys = [image.pk for image in objs]
        rows = ArticleImage.objects.unused().filter(pk__in=keys)
        unused = set(rows.values_list("pk", flat=True))
        held = [str(image) for image in objs if image.pk not in unused]
        return deleted, counts, needed, [*protected, *held]

    def delete_model(self, request: HttpRequest, obj: ArticleImage) -> None:
        delete_unused_images(images=[obj.pk], by=request.user)  # type: ignore[arg-type]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ArticleImage]) -> None:
        keys = list(queryset.values_list("pk", flat=True))
        delete_unused_images(images=keys, by=request.user)  # type: ignore[arg-type]


def upload(model_admin: ArticleImageAdmin, request: HttpRequest) -> HttpResponse:
    """Keep a picture and say what to write for it: on a page, or to the editor as JSON."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    form = ImageForm(request.POST or None, request.FILES or None)
    image = None
    if request.method == "POST" and form.is_valid():
        try:
            image = keep_image(
                file=form.cleaned_data["file"],
                alt=form.cleaned_data["alt"],
                by=request.user,  # type: ignore[arg-type]
            )
        except KnowledgeError as refusal:
            form.add_error(None, str(refusal))
    if (
        request.method == "POST"
        and request.accepts("application/json")
        and not request.accepts("text/html")
    ):
        if image is not None:
            return JsonResponse({"markdown": image.markdown})
        said = " ".join(error for errors in form.errors.values() for error in map(str, errors))
        return JsonResponse({"error": said}, status=422)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": ArticleImage._meta,
        "title": _("Upload a picture"),
        "form": form if image is None else ImageForm(),
        "image": image,
    }
    return TemplateResponse(
        request, "knowledge/admin/image.html", context, status=422 if form.errors else 200
    )
