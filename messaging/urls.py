"""Every page of this app, by room."""

from django.urls import path

from messaging.asks.views import answer, answer_by_mail, answers, answers_csv
from messaging.handins.views import change_handin, drafts, hand_in, handin, withdraw_handin
from messaging.keeping.views import keep_text
from messaging.newsletter.views import week, weekly, weekly_trial, weeks
from messaging.photos.views.blurring import blur
from messaging.photos.views.photos import (
    album,
    download,
    phone_cleared,
    photo,
    photo_turn,
    upload_photo,
    upload_talk_photo,
    viewer,
)
from messaging.photos.views.rather_not import rather_not
from messaging.photos.views.review import review
from messaging.posts.views.reading import feed, group, post, seen
from messaging.posts.views.replies import edit_reply
from messaging.posts.views.sharing import share
from messaging.posts.views.writing import audience, compose, edit
from messaging.removing.views.acts import (
    call_back,
    hide,
    retract,
    retract_message,
    retract_one,
    show,
)
from messaging.removing.views.removing import remove, remove_message, remove_photo
from messaging.talks.views.joining import ask_in, hand_over, handovers, open_handover
from messaging.talks.views.messages import edit_message, messages_seen, talk_viewer
from messaging.talks.views.steering import close, freeze, join_directie, reopen
from messaging.talks.views.talking import new_thread, thread, threads
from messaging.urgent.views import reach, reach_called, reach_letters, say_read, urgent, urgent_deputies
from messaging.writings.models import Reply

app_name = "messaging"
REPLY = {"kind": Reply}
"""What is done with a reply is done with a message in the same way."""
urlpatterns = [
    path("<hat:hat>/berichten/", feed, name="feed"),
    path("<hat:hat>/groep/<uuid:uid>/", group, name="group"),
    path("<hat:hat>/groep/<uuid:uid>/fotos/", album, name="album"),
    path("<hat:hat>/groep/<uuid:uid>/nakijken/", review, name="review"),
    path("<hat:hat>/groep/<uuid:uid>/foto/<uuid:image>/liever-niet/", rather_not, name="rather_not"),
    path("<hat:hat>/weeknieuws/terug/", weeks, name="weeks"),
    path("<hat:hat>/weeknieuws/<uuid:uid>/", week, name="week"),
    path("school/weeknieuws/", weekly, name="weekly"),
    path("school/weeknieuws/proef/", weekly_trial, name="weekly_trial"),
    path("gelezen/<str:token>/", say_read, name="say_read"),
    path("school/spoed/", urgent, name="urgent"),
    path("school/spoed/wie/", urgent_deputies, name="urgent_deputies"),
    path("school/bereik/<uuid:uid>/", reach, name="reach"),
    path("school/bereik/<uuid:uid>/gebeld/", reach_called, name="reach_called"),
    path("school/bereik/<uuid:uid>/brieven/", reach_letters, name="reach_letters"),
    path("delen/", share, name="share"),
    path("<hat:hat>/schrijven/", compose, name="compose"),
    path("<hat:hat>/schrijven/publiek/", audience, name="audience"),
    path("<hat:hat>/schrijven/foto/", upload_photo, name="upload_photo"),
    path("<hat:hat>/schrijven/bewaren/<str:form>/", keep_text, name="keep_text"),
    path("<hat:hat>/indienen/", hand_in, name="hand_in"),
    path("<hat:hat>/concepten/", drafts, name="drafts"),
    path("<hat:hat>/concept/<uuid:uid>/", handin, name="handin"),
    path("<hat:hat>/concept/<uuid:uid>/wijzigen/", change_handin, name="change_handin"),
    path("<hat:hat>/concept/<uuid:uid>/intrekken/", withdraw_handin, name="withdraw_handin"),
    path("<hat:hat>/bericht/<uuid:uid>/", post, name="post"),
    path("<hat:hat>/bericht/<uuid:uid>/antwoord/", answer, name="answer"),
    path("antwoord/<str:token>/", answer_by_mail, name="answer_by_mail"),
    path("<hat:hat>/bericht/<uuid:uid>/antwoorden/", answers, name="answers"),
    path("<hat:hat>/bericht/<uuid:uid>/antwoorden.csv", answers_csv, name="answers_csv"),
    path("<hat:hat>/bericht/<uuid:uid>/foto/<int:number>/", viewer, name="viewer"),
    path("<hat:hat>/bericht/<uuid:uid>/telefoon/", phone_cleared, name="phone_cleared"),
    path("<hat:hat>/bericht/<uuid:uid>/bewerken/", edit, name="edit"),
    path("<hat:hat>/bericht/<uuid:uid>/ongedaan/", call_back, name="call_back"),
    path("<hat:hat>/bericht/<uuid:uid>/haal-weg/", retract, name="retract"),
    path("<hat:hat>/bericht/<uuid:uid>/verberg/", hide, name="hide"),
    path("<hat:hat>/bericht/<uuid:uid>/toon/", show, name="show"),
    path("<hat:hat>/bericht/<uuid:uid>/verwijder/", remove, name="remove"),
    path("<hat:hat>/bericht/<uuid:uid>/foto/<uuid:photo>/verwijder/", remove_photo, name="remove_photo"),
    path("<hat:hat>/reactie/<uuid:uid>/verwijder/", remove, REPLY, name="remove_reply"),
    path("<hat:hat>/gesprek/bericht/<uuid:uid>/verwijder/", remove_message, name="remove_message"),
    path("<hat:hat>/reactie/<uuid:uid>/bewerken/", edit_reply, name="edit_reply"),
    path("<hat:hat>/reactie/<uuid:uid>/haal-weg/", retract_one, REPLY, name="retract_reply"),
    path("<hat:hat>/reactie/<uuid:uid>/verberg/", hide, REPLY, name="hide_reply"),
    path("<hat:hat>/reactie/<uuid:uid>/toon/", show, REPLY, name="show_reply"),
    path("foto/<uuid:uid>/<int:side>", photo, name="photo"),
    path("foto/<uuid:uid>/beurt/", photo_turn, name="photo_turn"),
    path("<hat:hat>/foto/<uuid:uid>/onherkenbaar/", blur, name="blur"),
    path("foto/<uuid:uid>/bewaren/", download, name="download"),
    path("<hat:hat>/gesprekken/", threads, name="threads"),
    path("<hat:hat>/gesprekken/nieuw/", new_thread, name="new_thread"),
    path("<hat:hat>/gesprekken/kind/<uuid:uid>/foto/", upload_talk_photo, name="upload_talk_photo"),
    path("<hat:hat>/gesprek/<uuid:uid>/", thread, name="thread"),
    path("<hat:hat>/gesprek/<uuid:uid>/directie/", join_directie, name="join_directie"),
    path("<hat:hat>/gesprek/<uuid:uid>/erbij/", ask_in, name="ask_in"),
    path("<hat:hat>/gesprek/<uuid:uid>/eerder/<uuid:staff>/", hand_over, name="hand_over"),
    path("school/overdracht/", handovers, name="handovers"),
    path("school/overdracht/<uuid:staff>/<uuid:group>/", open_handover, name="open_handover"),
    path("<hat:hat>/gesprek/<uuid:uid>/bevriezen/", freeze, name="freeze"),
    path("<hat:hat>/gesprek/<uuid:uid>/openen/", reopen, name="reopen"),
    path("<hat:hat>/gesprek/<uuid:uid>/sluiten/", close, name="close"),
    path("<hat:hat>/gesprek/bericht/<uuid:uid>/bewerken/", edit_message, name="edit_message"),
    path("<hat:hat>/gesprek/bericht/<uuid:uid>/haal-weg/", retract_message, name="retract_message"),
    path("<hat:hat>/gesprek/bericht/<uuid:uid>/foto/<int:number>/", talk_viewer, name="talk_viewer"),
    path("<hat:hat>/gesprek/gelezen/", messages_seen, name="messages_seen"),
    path("gelezen/", seen, name="seen"),
]
