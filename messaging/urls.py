from django.urls import path

from messaging import views

app_name = "messaging"
urlpatterns = [
    path("<hat:hat>/berichten/", views.feed, name="feed"),
    path("<hat:hat>/groep/<uuid:uid>/", views.group, name="group"),
    path("<hat:hat>/groep/<uuid:uid>/fotos/", views.album, name="album"),
    path("<hat:hat>/schrijven/", views.compose, name="compose"),
    path("<hat:hat>/schrijven/publiek/", views.audience, name="audience"),
    path("<hat:hat>/schrijven/foto/", views.upload_photo, name="upload_photo"),
    path("<hat:hat>/bericht/<uuid:uid>/", views.post, name="post"),
    path("<hat:hat>/bericht/<uuid:uid>/foto/<int:number>/", views.viewer, name="viewer"),
    path("<hat:hat>/bericht/<uuid:uid>/telefoon/", views.phone_cleared, name="phone_cleared"),
    path("<hat:hat>/bericht/<uuid:uid>/bewerken/", views.edit, name="edit"),
    path("<hat:hat>/bericht/<uuid:uid>/haal-weg/", views.retract, name="retract"),
    path("<hat:hat>/bericht/<uuid:uid>/verberg/", views.hide, name="hide"),
    path("<hat:hat>/bericht/<uuid:uid>/toon/", views.show, name="show"),
    path("<hat:hat>/reactie/<uuid:uid>/bewerken/", views.edit_reply, name="edit_reply"),
    path("<hat:hat>/reactie/<uuid:uid>/haal-weg/", views.retract_reply, name="retract_reply"),
    path("<hat:hat>/reactie/<uuid:uid>/verberg/", views.hide_reply, name="hide_reply"),
    path("<hat:hat>/reactie/<uuid:uid>/toon/", views.show_reply, name="show_reply"),
    path("foto/<uuid:uid>/<int:side>", views.photo, name="photo"),
    path("<hat:hat>/gesprekken/", views.threads, name="threads"),
    path("<hat:hat>/gesprekken/nieuw/", views.new_thread, name="new_thread"),
    path("<hat:hat>/gesprek/<uuid:uid>/", views.thread, name="thread"),
    path("<hat:hat>/gesprek/bericht/<uuid:uid>/bewerken/", views.edit_message, name="edit_message"),
    path("<hat:hat>/gesprek/bericht/<uuid:uid>/haal-weg/", views.retract_message, name="retract_message"),
    path("<hat:hat>/gesprek/gelezen/", views.messages_seen, name="messages_seen"),
    path("gelezen/", views.seen, name="seen"),
]
