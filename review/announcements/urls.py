from __future__ import annotations

from django.urls import path

from review.announcements import views, views_unread, views_writing

app_name = "announcements"
urlpatterns = [
    path("", views.announcement_list, name="announcement-list"),
    path("written/", views_writing.written_list, name="written-list"),
    path("written/new/", views_writing.announcement_new, name="announcement-new"),
    path("written/<uuid:public_id>/", views_writing.announcement_written, name="announcement-written"),
    path("written/<uuid:public_id>/publish/", views_writing.announcement_publish, name="announcement-publish"),
    path("written/<uuid:public_id>/withdraw/", views_writing.announcement_withdraw, name="announcement-withdraw"),
    path("written/<uuid:public_id>/remind/", views_writing.announcement_remind, name="announcement-remind"),
    path("written/<uuid:public_id>/discard/", views_writing.announcement_discard, name="announcement-discard"),
    path("written/<uuid:public_id>/files/", views_writing.file_attach, name="file-attach"),
    path("written/<uuid:public_id>/unread/", views_unread.unread_list, name="unread-list"),
    path("written/<uuid:public_id>/unread/workbook/", views_unread.unread_workbook, name="unread-workbook"),
    path("files/<uuid:public_id>/", views.file_fetch, name="file-fetch"),
    path("files/<uuid:public_id>/remove/", views_writing.file_detach, name="file-detach"),
    path("<uuid:public_id>/", views.announcement_detail, name="announcement-detail"),
    path("<uuid:public_id>/read/", views.announcement_read, name="announcement-read"),
]
