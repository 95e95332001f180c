"""Routes of the trial version: its start page with the personas, its mailbox, the page of components."""

from django.urls import include, path

from portal.demo import style, views

mine = (
    [
        path("", views.start, name="start"),
        path("als/<slug:persona>/", views.sign_in_as, name="sign_in_as"),
        path("postvak/", views.mailbox, name="mailbox"),
        path("postvak/<uuid:uid>/", views.mail, name="mail"),
        path("postvak/<uuid:uid>/opmaak/", views.mail_layout, name="mail_layout"),
    ],
    "demo",
)
urlpatterns = [path("demo/", include(mine)), path("stijl/", style.style, name="style")]
