from django.urls import path

from portal.inbox import views

app_name = "inbox"

urlpatterns = [
    path("", views.notice_list, name="notice-list"),
    path("read/", views.notice_read_all, name="notice-read-all"),
    path("<int:notice_id>/", views.notice_detail, name="notice-detail"),
    path("<int:notice_id>/read/", views.notice_read, name="notice-read"),
]
