from django.urls import path

from consent.answers.views import choices, own
from consent.asking import views as purposes
from consent.overview.views import groups, overview
from consent.paper.views import paper, printing
from consent.rounds import views as rounds

app_name = "consent"
family = [
    path("thuis/toestemming/", choices.choices, name="choices"),
    path("thuis/toestemming/<uuid:uid>/", choices.child_choices, name="child_choices"),
    path("thuis/toestemming/<uuid:uid>/eerder/", choices.child_history, name="child_history"),
    path("instellingen/toestemming/", own.own_choices, name="own_choices"),
    path("instellingen/toestemming/eerder/", own.own_history, name="own_history"),
    path("instellingen/toestemming/<uuid:uid>/", own.own_choice, name="own_choice"),
]
school = [
    path("school/toestemming/", overview.school, name="school"),
    path("school/toestemming/begin/", purposes.start, name="start"),
    path("school/toestemming/doelen/", purposes.purposes, name="purposes"),
    path("school/toestemming/doelen/nieuw/", purposes.new_purpose, name="new_purpose"),
    path("school/toestemming/doelen/<uuid:uid>/", purposes.purpose, name="purpose"),
    path("school/toestemming/doelen/<uuid:uid>/woorden/", purposes.words, name="words"),
    path("school/toestemming/doelen/<uuid:uid>/stoppen/", purposes.retire, name="retire"),
    path("school/toestemming/rondes/", rounds.rounds, name="rounds"),
    path("school/toestemming/rondes/<uuid:uid>/sluiten/", rounds.close, name="close"),
    path("school/toestemming/regels/", rounds.rules, name="rules"),
    path("school/toestemming/papier/", paper.paper, name="paper"),
    path("school/toestemming/papier/<uuid:uid>/", paper.record_paper, name="record_paper"),
    path("school/toestemming/papier/<uuid:uid>/formulier/", printing.blank_form, name="blank_form"),
    path("school/toestemming/papier/volwassene/<uuid:uid>/", paper.record_adult_paper, name="record_adult_paper"),
    path("school/toestemming/scan/<uuid:uid>/<int:side>/", paper.scan, name="scan"),
    path("school/toestemming/<uuid:uid>/", overview.group_overview, name="group_overview"),
    path("school/toestemming/<uuid:uid>/formulieren/", printing.blank_forms, name="blank_forms"),
    path("school/toestemming/<uuid:uid>/herinneren/", overview.remind, name="remind"),
    path("school/toestemming/<uuid:uid>/lijst.csv", overview.overview_csv, name="overview_csv"),
    path("school/groep/<uuid:uid>/beeld/", groups.group, name="group"),
    path("school/groep/<uuid:uid>/beeld/<uuid:child>/", groups.reluctance, name="reluctance"),
]
urlpatterns = [*family, *school]
