"""The public knowledge base, under /help/."""

from django.urls import path

from knowledge import views

urlpatterns = [
    path("", views.home, name="kb-home"),
    path("search/", views.search_page, name="kb-search"),
    path("c/<slug:slug>/", views.category_page, name="kb-category"),
    path("images/<str:name>", views.image, name="kb-image"),
    path("<slug:slug>/", views.article_page, name="kb-article"),
    path("<slug:slug>/feedback/", views.feedback, name="kb-feedback"),
]
