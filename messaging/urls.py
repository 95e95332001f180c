from django.urls import path

from messaging import views

app_name = "messaging"
urlpatterns = [
    path("<hat:hat>/berichten/", views.feed, name="feed"),
    path("<hat:hat>/groep/<uuid:uid>/", views.group, name="group"),
    path("<hat:hat>/schrijven/", views.compose, name="compose"),
    path("<hat:hat>/schrijven/publiek/", views.audience, name="audience"),
    path("<hat:hat>/bericht/<uuid:uid>/", views.post, name="post"),
    path("<hat:hat>/bericht/<uuid:uid>/bewerken/", views.edit, name="edit"),
    path("<hat:hat>/bericht/<uuid:uid>/haal-weg/", views.retract, name="retract"),
    path("<hat:hat>/bericht/<uuid:uid>/verberg/", views.hide, name="hide"),
    path("<hat:hat>/bericht/<uuid:uid>/toon/", views.show, name="show"),
    path("<hat:hat>/reactie/<uuid:uid>/bewerken/", views.edit_reply, name="edit_reply"),
    path("<hat:hat>/reactie/<uuid:uid>/haal-weg/", views.retract_reply, name="retract_reply"),
    path("<hat:hat>/reactie/<uuid:uid>/verberg/", views.hide_reply, name="hide_reply"),
    path("<hat:hat>/reactie/<uuid:uid>/toon/", views.show_reply, name="show_reply"),
    path("gelezen/", views.seen, name="seen"),
]
