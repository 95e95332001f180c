"""Every page of this app, by room."""

from django.urls import path

from agenda.events import views as events
from agenda.feeds import views as feeds
from agenda.planning import views as planning

app_name = "agenda"
urlpatterns = [
    path("<hat:hat>/agenda/", planning.coming, name="coming"),
    path("<hat:hat>/agenda/maand/", planning.month, name="month"),
    path("<hat:hat>/agenda/blad/", planning.sheet, name="sheet"),
    path("<hat:hat>/agenda/nieuw/", events.new, name="new"),
    path("<hat:hat>/agenda/eigen/", feeds.own_calendar, name="own_calendar"),
    path("<hat:hat>/agenda/<uuid:uid>/agenda.ics", feeds.event_file, name="event_file"),
    path("agenda/<str:secret>.ics", feeds.feed, name="feed"),
    path("<hat:hat>/agenda/<uuid:uid>/", events.event, name="event"),
    path("<hat:hat>/agenda/<uuid:uid>/wijzigen/", events.edit, name="edit"),
    path("<hat:hat>/agenda/<uuid:uid>/afzeggen/", events.cancel, name="cancel"),
    path("<hat:hat>/agenda/<uuid:uid>/een-keer-niet/", events.skip, name="skip"),
]
