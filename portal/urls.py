"""Every page of the portal, room by room."""

from django.urls import include, path

from portal.health import healthz
from portal.home import home
from portal.language import language_set
from reports.numbers.api import api

handler400 = "portal.errors.handler400"
handler403 = "portal.errors.handler403"
handler404 = "portal.errors.handler404"
handler500 = "portal.errors.handler500"

urlpatterns = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("language/", language_set, name="language-set"),
    path("", include("institutions.accounts.urls")),
    path("", include("institutions.urls")),
    path("inbox/", include("portal.inbox.urls")),
    path("jobs/", include("portal.jobs.urls")),
    path("trail/", include("portal.trail.urls")),
    path("help/", include("reports.schemes.urls")),
    path("rounds/", include("reports.rounds.urls")),
    path("filings/", include("reports.filings.urls")),
    path("annual/", include("reports.annual.urls")),
    path("", include("reports.numbers.urls")),
    path("api/v1/", api.urls),
    path("summaries/", include("reports.summaries.urls")),
    path("schemes/", include("reports.versions.urls")),
    path("review/", include("review.urls")),
    path("announcements/", include("review.announcements.urls")),
]
