from django.urls import path

from portal.trail import views

app_name = "trail"

urlpatterns = [
    path("", views.event_list, name="event-list"),
    path("export/", views.export, name="event-export"),
    path("references/", views.reference, name="reference"),
    path("verify/", views.verify_chain, name="verify"),
    path("verify/<uuid:job_id>/", views.verification, name="verification"),
]
