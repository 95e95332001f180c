from django.urls import URLPattern, path

from moderation.access_requests import views as access_requests
from moderation.cases.views import cases, measures, reporting
from moderation.dossier.views import dossier
from moderation.frequency import views as frequency
from moderation.kind_words import views as kind_words
from moderation.leaving import views as departures
from moderation.promises import views as promises
from moderation.rules.views import evaluations, protocols, rules

app_name = "moderation"
everybodys_rules = [
    path("afspraken/", rules.rules, name="rules"),
    path("afspraken/bevestigen/", rules.confirm_rules, name="confirm_rules"),
    path("afspraken/<uuid:uid>/", rules.rules_version, name="rules_version"),
    path("school/afspraken/", protocols.protocols, name="protocols"),
    path("school/afspraken/verantwoording/", promises.promises, name="promises"),
    path("school/afspraken/vriendelijk/", kind_words.kind_word_rules, name="kind_word_rules"),
    path("thuis/vriendelijk/<uuid:uid>/", kind_words.say, name="say_kindly"),
    path("instellingen/vriendelijk/", kind_words.kind_words, name="kind_words"),
    path("school/afspraken/begin/", protocols.start_protocol, name="start_protocol"),
    path("school/afspraken/tekst/<uuid:uid>/", protocols.protocol_draft, name="protocol_draft"),
    path("school/afspraken/tekst/<uuid:uid>/invoeren/", protocols.put_protocol_in_force, name="put_in_force"),
    path("school/afspraken/<uuid:uid>/", protocols.acknowledgements, name="acknowledgements"),
    path("school/afspraken/<uuid:uid>/herinneren/", protocols.remind_to_confirm, name="remind_to_confirm"),
    path("school/afspraken/<uuid:uid>/lijst.csv", protocols.acknowledgements_csv, name="acknowledgements_csv"),
]
questions = [
    path("vragenlijst/<uuid:uid>/", evaluations.evaluation, name="evaluation"),
    path("school/vragenlijst/", evaluations.evaluations, name="evaluations"),
    path("school/vragenlijst/<uuid:uid>/", evaluations.evaluation_results, name="evaluation_results"),
    path("school/vragenlijst/<uuid:uid>/sluiten/", evaluations.close_questions, name="close_questions"),
]
how_often = [
    path("school/hoe-vaak/", frequency.frequency, name="frequency"),
    path("school/hoe-vaak/lijst.csv", frequency.frequency_csv, name="frequency_csv"),
    path("school/hoe-vaak/afspraak/", frequency.norms, name="norms"),
    path("school/cijfers/", frequency.figures, name="figures"),
]
hard_copies = [
    path("school/dossier/", dossier.dossier_list, name="dossier"),
    path("school/dossier/termijnen/", dossier.dossier_terms, name="dossier_terms"),
    path("school/dossier/<uuid:uid>/", dossier.dossier_piece, name="dossier_piece"),
    path("school/dossier/<uuid:uid>/vernietigen/", dossier.propose_destruction, name="propose_destruction"),
    path("school/dossier/lezen/<uuid:uid>/", dossier.dossier_reading, name="dossier_reading"),
    path("school/dossier/lezen/<uuid:uid>/kopie/", dossier.dossier_copy, name="dossier_copy"),
    path("school/dossier/lezen/<uuid:uid>/kopie.pdf", dossier.dossier_pdf, name="dossier_pdf"),
    path("school/dossier/vernietiging/<uuid:uid>/", dossier.destruction, name="destruction"),
]
access = [
    path("inzage/", access_requests.access_requests, name="access_requests"),
    path("<hat:hat>/inzage/", access_requests.ask_access, name="ask_access"),
    path("zaken/<uuid:uid>/inzage/", access_requests.start_access, name="start_access"),
    path("inzage/<uuid:uid>/", access_requests.access_request, name="access_request"),
    path("inzage/<uuid:uid>/opstellen/", access_requests.draw_up_access, name="draw_up_access"),
    path("inzage/<uuid:uid>/regels/", access_requests.mark_access, name="mark_access"),
    path("inzage/<uuid:uid>/nalezen/", access_requests.review_access, name="review_access"),
    path("inzage/<uuid:uid>/kopie/", access_requests.access_copy, name="access_copy"),
    path("inzage/<uuid:uid>/kopie.pdf", access_requests.access_pdf, name="access_pdf"),
    path("inzage/<uuid:uid>/meegegeven/", access_requests.hand_over_access, name="hand_over_access"),
    path("inzage/<uuid:uid>/verlengen/", access_requests.extend_access, name="extend_access"),
    path("inzage/<uuid:uid>/sluiten/", access_requests.close_access, name="close_access"),
]
reports_and_cases = [
    path("<hat:hat>/melden/<slug:kind>/<uuid:uid>/", reporting.report, name="report"),
    path("<hat:hat>/gesprek/<uuid:uid>/melden/", reporting.report_participant, name="report_participant"),
    path("<hat:hat>/melden/<slug:kind>/<uuid:uid>/foto/<int:number>/", reporting.report_photo, name="report_photo"),
    path("<hat:hat>/melden/<slug:kind>/<uuid:uid>/wie/", reporting.report_author, name="report_author"),
    path("<hat:hat>/aanspreken/<slug:kind>/<uuid:uid>/", measures.address, name="address"),
    path("meldingen/", reporting.my_reports, name="my_reports"),
    path("zaken/", cases.cases, name="cases"),
    path("zaken/antwoorden/", cases.answers, name="answers"),
    path("zaken/antwoord/<uuid:uid>/", cases.answered, name="answered"),
    path("zaken/<uuid:uid>/", cases.case, name="case"),
    path("zaken/<uuid:uid>/heropen/", cases.reopen, name="reopen"),
    path("zaken/<uuid:uid>/toegang/", cases.restore, name="restore"),
    path("zaken/<uuid:uid>/maatregel/", measures.measure, name="measure"),
    path("zaken/<uuid:uid>/brief/", measures.new_letter, name="new_letter"),
    path("zaken/<uuid:uid>/map/", cases.person_file, name="person_file"),
    path("zaken/<uuid:uid>/foto/<int:number>/<int:side>", cases.case_photo, name="case_photo"),
    path("zaken/brief/<uuid:uid>/", measures.letter, name="letter"),
]
leaving = [
    path("school/vertrek/", departures.departure, name="departure"),
    path("school/vertrek/<uuid:uid>/", departures.settle_departure, name="settle_departure"),
]
urlpatterns: list[URLPattern] = [
    *everybodys_rules,
    *questions,
    *how_often,
    *hard_copies,
    *access,
    *reports_and_cases,
    *leaving,
]
