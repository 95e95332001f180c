"""The site's table of contents."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.usersessions import views as usersessions
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from portal.core import views

# What we use of allauth, and nothing else: there is no signing up and no third party. Names are allauth's own.
# Signing in is asking for a code; `account_login`, to which allauth sends people back, is the same page.
signing_in: list[URLPattern | URLResolver] = [
    path("", account.request_login_code, name="account_request_login_code"),
    path("", account.request_login_code, name="account_login"),
    path("code/", account.confirm_login_code, name="account_confirm_login_code"),
    path("wachtwoord/", account.login, name="password_login"),
    path("passkey/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("tweede-stap/", mfa.authenticate, name="mfa_authenticate"),
    path("opnieuw/", account.reauthenticate, name="account_reauthenticate"),
    path("opnieuw/tweede-stap/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("gesloten/", account.account_inactive, name="account_inactive"),
    path("wachtwoord-vergeten/", account.password_reset, name="account_reset_password"),
    path("wachtwoord-vergeten/code/", account.confirm_password_reset_code, name="account_confirm_password_reset_code"),
    path("wachtwoord-vergeten/nieuw/", account.complete_password_reset, name="account_complete_password_reset"),
    path(
        "wachtwoord-vergeten/klaar/",
        account.password_reset_from_key_done,
        name="account_password_reset_completed",
    ),
]
own_settings: list[URLPattern | URLResolver] = [
    path("e-mail/", account.email, name="account_email"),
    path("e-mail/code/", account.email_verification_sent, name="account_email_verification_sent"),
    path("wachtwoord/", account.password_change, name="account_change_password"),
    path("wachtwoord/kiezen/", account.password_set, name="account_set_password"),
    path("apparaten/", usersessions.list_usersessions, name="usersessions_list"),
    path("passkeys/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("passkeys/<int:pk>/weg/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
    path("tweede-stap/", mfa.index, name="mfa_index"),
    path("tweede-stap/aan/", totp.activate_totp, name="mfa_activate_totp"),
    path("tweede-stap/uit/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("tweede-stap/codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("tweede-stap/codes/nieuw/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("gezond/", views.health, name="health"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("gezond/diep/", views.deep_health, name="deep_health"),
    path("metrics", views.metrics, name="metrics"),
    path("werker.js", views.worker, name="worker"),
    path("geen-verbinding/", views.no_line, name="no_line"),
    path("inloggen/", include(signing_in)),
    path("instellingen/", include(own_settings)),
    path("", include("groups.urls")),
    path("", include("consent.urls")),
    path("", include("agenda.urls")),
    path("", include("messaging.urls")),
    path("", include("moderation.urls")),
    path("bureau/", include("moderation.desk.urls")),
]
if not settings.PRODUCTION:
    urlpatterns.insert(0, path("", include("portal.demo.urls")))

handler400 = "portal.core.views.bad_request"
handler404 = "portal.core.views.not_found"
handler500 = "portal.core.views.server_error"
