from django.urls import include, path, register_converter

from groups.converters import HatConverter
from groups.doors.views import doors, own, passkeys
from groups.first_day import views as first_day
from groups.letters.views import letters
from groups.people.views import contact, decisions, people, phones, pupils, shields
from groups.roster import views as roster
from groups.schools.views import days_off, hours, school
from groups.staff.views import arrivals, overview, staff_entry, tasks
from groups.staff.views import first_day as staff_first_day
from groups.told import views as told

register_converter(HatConverter, "hat")

mine = (
    [
        path("brief/", doors.letter, name="letter"),
        path("brief/dat-ben-ik-niet/<str:token>/", doors.not_me, name="not_me"),
        path("hulp/", own.help_page, name="help"),
        path("hulp/niet-eens/", own.complaints, name="complaints"),
        path("<hat:hat>/van-school/", told.told, name="told"),
        path("<hat:hat>/van-school/<uuid:uid>/", told.telling, name="telling"),
        path("instellingen/passkeys/nieuw/", passkeys.add, name="add_passkey"),
        path("instellingen/passkeys/niet-nu/", passkeys.not_now, name="no_passkey"),
        path("instellingen/nieuws/", contact.contact, name="contact"),
        path("instellingen/nieuws/apparaat/", phones.turn_on, name="phone_on"),
        path("instellingen/nieuws/apparaat/nog/", phones.still_on, name="phone_still_on"),
        path("instellingen/nieuws/apparaat/anders/", phones.renewed, name="phone_renewed"),
        path("instellingen/nieuws/apparaat/<uuid:uid>/uit/", phones.turn_off, name="phone_off"),
        path("weeknieuws/stop/<str:token>/", contact.unsubscribe, name="unsubscribe"),
        path("instellingen/naam/<uuid:uid>/", school.own_signature, name="own_signature"),
        path("instellingen/werkdagen/<uuid:uid>/", hours.own_hours, name="own_hours"),
        path("school/eerste-dag/", first_day.first_day, name="first_day"),
        path("school/eerste-dag/open/", first_day.opening, name="open_school"),
        path("school/eerste-dag/<slug:step>/", first_day.first_day_step, name="first_day_step"),
        path("school/gegevens/", school.school, name="school"),
        path("school/vrije-dagen/", days_off.days_off, name="days_off"),
        path("school/mensen/", people.people, name="people"),
        path("school/mensen/wie-ziet-wat/", overview.overview, name="overview"),
        path("school/mensen/namen/", staff_first_day.names, name="names"),
        path("school/mensen/vervanger/", staff_first_day.deputy, name="deputy"),
        path("school/mensen/raad/", staff_first_day.council, name="council"),
        path("school/mensen/medewerkers/", people.staff, name="staff"),
        path("brief/medewerker/", staff_entry.letter, name="staff_letter"),
        path("school/mensen/medewerkers/laten-weten/", staff_entry.tell, name="tell_staff"),
        path("school/mensen/medewerkers/brieven/", staff_entry.print_letters, name="print_staff_letters"),
        path("school/mensen/medewerkers/<uuid:uid>/toegang/", staff_entry.entry, name="staff_entry"),
        path("school/mensen/medewerkers/<uuid:uid>/brief/", staff_entry.print_letter, name="print_staff_letter"),
        path("school/mensen/medewerkers/<uuid:uid>/mail/", staff_entry.tell_again, name="tell_staff_again"),
        path("collega/<uuid:uid>/", staff_entry.know, name="know_colleague"),
        path("school/mensen/medewerkers/<uuid:uid>/", tasks.staff_member, name="staff_member"),
        path("school/mensen/medewerkers/<uuid:uid>/naam/", school.signature, name="signature"),
        path("school/mensen/afgeschermd/", shields.shields, name="shields"),
        path("school/mensen/afgeschermd/<uuid:uid>/", shields.shield, name="shield"),
        path("school/mensen/leerlingen/", pupils.pupils_of_age, name="pupils"),
        path("school/mensen/leerlingen/brieven/", pupils.print_pupils, name="print_pupils"),
        path("school/mensen/leerlingen/<uuid:uid>/", pupils.pupil, name="pupil"),
        path("school/mensen/invoer/", roster.uploads, name="roster"),
        path("school/mensen/invoer/<uuid:uid>/", roster.upload, name="roster_upload"),
        path("school/mensen/invoer/<uuid:uid>/stand/", roster.progress, name="roster_progress"),
        path("school/mensen/invoer/<uuid:uid>/doen/", roster.confirm, name="confirm_roster"),
        path("school/mensen/invoer/<uuid:uid>/niet-doen/", roster.withdraw, name="withdraw_roster"),
        path("school/mensen/brieven/", letters.print_chosen, name="print_chosen"),
        path("school/mensen/<uuid:uid>/", people.people_of_group, name="people_of_group"),
        path("school/mensen/<uuid:uid>/brieven/", letters.print_group, name="print_group"),
        path("school/mensen/gezag/<uuid:uid>/", decisions.guardianship, name="guardianship"),
        path("school/mensen/gezag/<uuid:uid>/besluit/", decisions.decision_letter, name="decision_letter"),
        path("school/mensen/gezag/<uuid:uid>/brief/", letters.print_one, name="print_one"),
        path("school/mensen/gezag/<uuid:uid>/account/", decisions.unlink, name="unlink"),
        path("school/mensen/medewerkers/<uuid:uid>/taken/<slug:task>/", tasks.staff_task, name="staff_task"),
        path("school/mensen/gezag/<uuid:uid>/taken/", tasks.caregiver_tasks, name="caregiver_tasks"),
        path("school/mensen/gezag/<uuid:uid>/taken/<slug:task>/", tasks.caregiver_task, name="caregiver_task"),
        path("school/mensen/gezag/<uuid:uid>/<slug:act>/", decisions.decide, name="decide"),
        path("school/kennismaken/<uuid:uid>/", arrivals.know, name="know"),
        path("school/groep/<uuid:uid>/mensen/", people.group_families, name="group_families"),
    ],
    "groups",
)
urlpatterns = [
    path("", doors.home, name="home"),
    path("instellingen/", own.settings_page, name="settings"),
    path("taal/", doors.set_language, name="set_language"),
    path("uitloggen/", doors.sign_out, name="account_logout"),
    path("", include(mine)),
]
