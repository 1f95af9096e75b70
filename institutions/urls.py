"""Institutions, accounts and authorisations."""

from django.urls import URLPattern

app_name = "institutions"

urlpatterns: list[URLPattern] = []
