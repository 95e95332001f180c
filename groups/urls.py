from django.urls import include, path, register_converter

from groups.converters import HatConverter
from groups.views import decisions, doors, letters, own, people, school, tasks

register_converter(HatConverter, "hat")

mine = (
    [
        path("brief/", doors.letter, name="letter"),
        path("hulp/", own.help_page, name="help"),
        path("instellingen/naam/<uuid:uid>/", school.own_signature, name="own_signature"),
        path("school/gegevens/", school.school, name="school"),
        path("school/mensen/", people.people, name="people"),
        path("school/mensen/medewerkers/", people.staff, name="staff"),
        path("school/mensen/medewerkers/<uuid:uid>/", school.signature, name="signature"),
        path("school/mensen/<uuid:uid>/", people.people_of_group, name="people_of_group"),
        path("school/mensen/<uuid:uid>/brieven/", letters.print_group, name="print_group"),
        path("school/mensen/gezag/<uuid:uid>/", decisions.guardianship, name="guardianship"),
        path("school/mensen/gezag/<uuid:uid>/brief/", letters.print_one, name="print_one"),
        path("school/mensen/gezag/<uuid:uid>/account/", decisions.unlink, name="unlink"),
        path("school/mensen/medewerkers/<uuid:uid>/taken/", tasks.staff_tasks, name="staff_tasks"),
        path("school/mensen/medewerkers/<uuid:uid>/taken/<slug:task>/", tasks.staff_task, name="staff_task"),
        path("school/mensen/gezag/<uuid:uid>/taken/", tasks.caregiver_tasks, name="caregiver_tasks"),
        path("school/mensen/gezag/<uuid:uid>/taken/<slug:task>/", tasks.caregiver_task, name="caregiver_task"),
        path("school/mensen/gezag/<uuid:uid>/<slug:act>/", decisions.decide, name="decide"),
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
