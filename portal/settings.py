"""One settings file, read from the environment and loud when something is missing.

`KRING_MODE` is `demo` (default: data under `var/`, so that any command works in a bare clone), `test` or
`production` (refuses to start without secret, hosts, base URL, database and SMTP).
"""

import re
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
KNOWN_KEYS = {
    "KRING_ACCEL",
    "KRING_ADMIN_DATABASE_URL",
    "KRING_ALARM_SMTP_URL",
    "KRING_ALARM_TO",
    "KRING_ALARM_URL",
    "KRING_BACKUP_COPY",
    "KRING_BACKUP_DATABASE_URL",
    "KRING_BACKUP_DIR",
    "KRING_BACKUP_TO",
    "KRING_BASE_URL",
    "KRING_BUCKET",
    "KRING_BUCKET_KEY",
    "KRING_BUCKET_REGION",
    "KRING_CHAIN_KEY",
    "KRING_CHROMIUM",
    "KRING_DATABASE_DIR",
    "KRING_DATABASE_URL",
    "KRING_DATA_DIR",
    "KRING_EMBEDDED",
    "KRING_ERRORS_URL",
    "KRING_FAMILIES_AT_ONCE",
    "KRING_HEALTH_TOKEN",
    "KRING_HOSTS",
    "KRING_JOURNAL",
    "KRING_JOURNAL_COPY",
    "KRING_MAIL_FROM",
    "KRING_METRICS_DIR",
    "KRING_METRICS_TOKEN",
    "KRING_MODE",
    "KRING_NODES",
    "KRING_OWNER_DATABASE_URL",
    "KRING_PORT",
    "KRING_PUSH_KEY",
    "KRING_PUSH_SERVICES",
    "KRING_PUSH_SUBJECT",
    "KRING_QUEUE",
    "KRING_REDIS_URL",
    "KRING_SECRET_KEY",
    "KRING_SECURITY_CONTACT",
    "KRING_SMTP_IN_THE_OPEN",
    "KRING_SMTP_URL",
    "KRING_TLS_ADDRESS",
    "KRING_TRUSTED_PROXIES",
    "KRING_UNDO_SECONDS",
    "KRING_WORKERS",
}

env = environ.Env()
# `.env` is the production machine's own; a demo or a test started there must not touch its database.
if env("KRING_MODE", default="production") == "production" and (BASE_DIR / ".env").exists():
    try:
        with (BASE_DIR / ".env").open(encoding="utf-8") as env_file:
            env.read_env(env_file)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "it is not UTF-8")
        words = (
            f"{BASE_DIR / '.env'} cannot be read by the user of this process ({reason}); docs/operations.md, Settings."
        )
        raise ImproperlyConfigured(words) from None
for key in sorted(set(env.ENVIRON) - KNOWN_KEYS):
    if key.startswith("KRING_"):
        warnings.warn(f"{key} is not a setting of Kring; is it misspelt?", stacklevel=1)

KRING_MODE = env("KRING_MODE", default="demo")
if KRING_MODE not in {"demo", "test", "production"}:
    raise ImproperlyConfigured(f"KRING_MODE is demo, test or production, not {KRING_MODE!r}.")
PRODUCTION = KRING_MODE == "production"
DEMO = KRING_MODE == "demo"


def _required(name: str, fallback: str) -> str:
    """The value of `name`; production has no fallback."""
    value = env(name, default="" if PRODUCTION else fallback)
    if not value:
        raise ImproperlyConfigured(f"{name} must be set in production. `python3 run.py init` writes a start.")
    return value


Meaning = TypeVar("Meaning")
YES, NO = ("yes", "true", "on", "y", "1", "ok"), ("", "no", "false", "off", "n", "0")


def _understood(name: str, read: Callable[[], Meaning]) -> Meaning:
    """What `read` makes of a setting; a mistake is told by its name and not by its value, which may hold a password."""
    try:
        return read()
    except (ValueError, KeyError, ImproperlyConfigured):
        raise ImproperlyConfigured(f"{name} cannot be understood: docs/operations.md, Settings.") from None


def _number(name: str, default: int, most: int | None = None) -> int:
    said = env(name, default="")
    number = _understood(name, lambda: int(said)) if said else default
    if number < 0:
        raise ImproperlyConfigured(f"{name} is not below 0.")
    if most is not None and number > most:
        raise ImproperlyConfigured(f"{name} is not above {most}.")
    return number


def _yes_or_no(name: str) -> bool:
    """No when it is not set; a word that is neither would be taken for the other."""
    said = env(name, default="").lower()
    if said not in {*YES, *NO}:
        raise ImproperlyConfigured(f"{name} is yes or no.")
    return said in YES


def _place(name: str, default: Path) -> Path:
    """In production a whole path: each part of Kring, and the timer of the backups, begins in a folder of its own."""
    place = Path(env(name, default="") or default)
    if PRODUCTION and not place.is_absolute():
        raise ImproperlyConfigured(f"{name} is a whole path, which begins with /")
    return place


def _of_a_database(name: str, url: str) -> str:
    if PRODUCTION and url.startswith("sqlite://") and not url.startswith("sqlite:////"):
        raise ImproperlyConfigured(f"{name} has the whole path of the file, so four slashes: sqlite:////srv/…")
    if not url.startswith(("postgres://", "postgresql://", "sqlite://")):
        raise ImproperlyConfigured(f"{name} begins with postgres://: docs/operations.md, Settings.")
    _understood(name, lambda: env.db_url_config(url))
    return url


def _of_a_queue(url: str) -> str:
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured("KRING_REDIS_URL begins with redis://: docs/operations.md, Settings.")
    _understood("KRING_REDIS_URL", lambda: urlsplit(url).port)
    if not url.startswith("unix://") and not re.fullmatch(r"/?\d*", urlsplit(url).path):
        raise ImproperlyConfigured("KRING_REDIS_URL ends with the number of a database: redis://…/0")
    return url


def _of_mail(name: str, url: str) -> dict[str, object]:
    """Raises for `smtps://` too, which others read as TLS from the start and the library as STARTTLS."""
    if not url.startswith(("smtp://", "smtp+tls://", "smtp+ssl://")):
        raise ImproperlyConfigured(f"{name} begins with smtp+tls:// (STARTTLS, port 587) or smtp+ssl:// (port 465).")
    return _understood(name, lambda: dict(env.email_url_config(url)))


KRING_PORT = _number("KRING_PORT", 8000)
KRING_BASE_URL = _required("KRING_BASE_URL", f"http://localhost:{KRING_PORT}").rstrip("/")
KRING_DATA_DIR = _place("KRING_DATA_DIR", BASE_DIR / "var" / KRING_MODE)
# What was taken away, outside the database: kept apart from its backups (docs/operations.md).
KRING_JOURNAL = str(_place("KRING_JOURNAL", KRING_DATA_DIR / "journal" / "journal.jsonl"))
KRING_EMBEDDED = _yes_or_no("KRING_EMBEDDED")
KRING_WORKERS = _number("KRING_WORKERS", 1)
if env("KRING_FAMILIES_AT_ONCE", default="") and not _number("KRING_FAMILIES_AT_ONCE", 1):  # nginx reads it
    raise ImproperlyConfigured("KRING_FAMILIES_AT_ONCE is 1 or more.")
KRING_DATA_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = False
SECRET_KEY = _required("KRING_SECRET_KEY", "demo-and-test-only-" + "k" * 50)
# Seals the dossier, outside the database: who can write there cannot forge what was sealed. Never changed.
KRING_CHAIN_KEY = _required("KRING_CHAIN_KEY", "demo-and-test-only-" + "c" * 50)
ALLOWED_HOSTS = [name.strip() for name in _required("KRING_HOSTS", "localhost,127.0.0.1,testserver").split(",")]
if PRODUCTION and "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("KRING_HOSTS is each name of this server, and * is every name there is")
CSRF_TRUSTED_ORIGINS = [KRING_BASE_URL]

INSTALLED_APPS = [
    "portal.core",
    "groups",
    "consent",
    "agenda",
    "messaging",
    "moderation",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
]
if not PRODUCTION:
    INSTALLED_APPS.insert(0, "portal.demo")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.core.middleware.measured",
    "portal.core.middleware.closed_doors",
    "portal.core.middleware.request_clock",
    "portal.core.middleware.private_responses",
    "portal.core.middleware.short_ways",
    "portal.core.middleware.same_site_writes",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.core.middleware.who_asks",
    "portal.core.middleware.light_bodies",
    "portal.core.middleware.users_language",
    "portal.core.middleware.SignInFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "portal.core.middleware.mail_follows",
    "portal.core.middleware.back_to_pages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "groups.doors.middleware.second_factor",
    "groups.doors.middleware.late_codes",
    "groups.doors.middleware.nobody_like_anybody",
    "moderation.rules.middleware.know_the_rules",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "groups.doors.context.navigation",
            ],
            "builtins": ["portal.core.templatetags.kring", "portal.core.templatetags.fields"],
            "libraries": {"i18n": "portal.core.templatetags.words"},
        },
    }
]

FORM_RENDERER = "portal.core.controls.Controls"

# Databases: PostgreSQL, or SQLite as the embedded default (one writer; WAL lets readers go on).
KRING_DATABASE_URL = _of_a_database(
    "KRING_DATABASE_URL", _required("KRING_DATABASE_URL", f"sqlite:///{KRING_DATA_DIR / 'kring.sqlite3'}")
)
if KRING_BACKUP_DATABASE_URL := env("KRING_BACKUP_DATABASE_URL", default=""):
    _of_a_database("KRING_BACKUP_DATABASE_URL", KRING_BACKUP_DATABASE_URL)
# Of `migrate` alone, which works as the owner of the tables; whoever serves does not know these two.
if KRING_OWNER_DATABASE_URL := env("KRING_OWNER_DATABASE_URL", default=""):
    _of_a_database("KRING_OWNER_DATABASE_URL", KRING_OWNER_DATABASE_URL)
if KRING_ADMIN_DATABASE_URL := env("KRING_ADMIN_DATABASE_URL", default=""):
    _of_a_database("KRING_ADMIN_DATABASE_URL", KRING_ADMIN_DATABASE_URL)
KRING_APP_ROLE = env.db_url_config(KRING_DATABASE_URL)["USER"] if KRING_OWNER_DATABASE_URL else ""
DATABASES = {"default": env.db_url_config(KRING_OWNER_DATABASE_URL or KRING_DATABASE_URL)}
SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if SQLITE:
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
        "PRAGMA recursive_triggers=ON;",  # a row that is replaced asks its triggers as one that is deleted
    }
    DATABASES["default"]["CONN_MAX_AGE"] = 60  # a new connection reads the whole schema first
    DATABASES["default"]["TEST"] = {"NAME": str(KRING_DATA_DIR / "test.sqlite3")}
else:
    # A new session reads the catalogue again: the first page in it costs twice as much.
    DATABASES["default"]["CONN_MAX_AGE"] = 3600
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True  # behind a pooler the next fetch is another session's
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Redis, when there is one: broker and cache. Without it a broker in memory and no cache at all.
KRING_REDIS_URL = _of_a_queue(env("KRING_REDIS_URL", default=""))
if KRING_MODE == "test" and KRING_REDIS_URL and (test_worker := env("PYTEST_XDIST_WORKER", default="")):
    # A Redis number for each test process: what one clears is not what another counts.
    server, slash, number = KRING_REDIS_URL.rpartition("/")
    KRING_REDIS_URL = f"{server}/{(int(number) + int(test_worker.removeprefix('gw'))) % 16}"
CACHE_PATIENCE = 5.0 if KRING_MODE == "test" else 0.2  # seconds; a busy test machine is not a Redis that is down
CACHES: dict[str, dict[str, object]] = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if KRING_REDIS_URL:
    CACHES["default"] = {
        "BACKEND": "portal.core.cache.ForgivingRedisCache",
        "LOCATION": KRING_REDIS_URL,
        "OPTIONS": {"socket_timeout": CACHE_PATIENCE, "socket_connect_timeout": CACHE_PATIENCE},
    }
# Only in the database: a copy in a cache that hangs for a moment would outlive "sign out everywhere".
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
CELERY_BROKER_URL = KRING_REDIS_URL or "memory://localhost/"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    # A page that rings waits one of these seconds at most, once: a lost ring is found by the sweep.
    {"visibility_timeout": 3600, "socket_timeout": 1, "socket_connect_timeout": 1, "max_retries": 0}
    if KRING_REDIS_URL
    else {"polling_interval": 0.1}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for Redis as long as it takes
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = env("KRING_QUEUE", default="") or "kring"
CELERY_TIMEZONE = "Europe/Amsterdam"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False

# People. Parents come in with a code of six digits by e-mail; a password is for those who want one.
AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "portal.core.access.Backend",
]
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_MONKEY_PATCH_GROUP = False
# Argon2id with t=2, 19 MiB, p=1 (security.md 11); the others only to read older hashes.
PASSWORD_HASHERS = [
    "portal.core.hashers.Argon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if KRING_MODE == "test":
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in [
        ("UserAttributeSimilarityValidator", {"user_attributes": ("email", "name")}),
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
    ]
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "groups.doors.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "request_login_code": "groups.doors.forms.signing_in.RequestCodeForm",
    "confirm_login_code": "groups.doors.forms.signing_in.LoginCodeForm",
    "login": "groups.doors.forms.signing_in.PasswordLoginForm",
    "add_email": "groups.doors.forms.account.NewAddressForm",
    "confirm_email_verification_code": "groups.doors.forms.account.AddressCodeForm",
    "set_password": "groups.doors.forms.account.SetPasswordForm",
    "change_password": "groups.doors.forms.account.ChangePasswordForm",
    "reset_password": "groups.doors.forms.account.ResetPasswordForm",
    "confirm_password_reset_code": "groups.doors.forms.account.ResetCodeForm",
    "reset_password_from_key": "groups.doors.forms.account.ResetPasswordKeyForm",
    "reauthenticate": "groups.doors.forms.signing_in.PasswordAgainForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "portal.core.models.user_display"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]  # nobody signs up; without it allauth drops the password way in
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 900
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_TIMEOUT = 900
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 900
ACCOUNT_PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PRODUCTION else "http"
ALLAUTH_TRUSTED_PROXY_COUNT = _number("KRING_TRUSTED_PROXIES", 1 if PRODUCTION else 0)
# Tries are counted in the database (portal.core.tries): the cache forgets, and each process has its own.
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a passkey that did not know its owner is one factor only (adr/0011)
MFA_TOTP_ISSUER = "Kring"
MFA_TOTP_TOLERANCE = 1  # a phone that is half a minute off still gets in
MFA_FORMS = {
    "authenticate": "groups.doors.forms.signing_in.SecondStepForm",
    "reauthenticate": "groups.doors.forms.signing_in.SecondStepAgainForm",
    "activate_totp": "groups.doors.forms.signing_in.ActivateAppForm",
    "login_webauthn": "groups.doors.forms.signing_in.PasskeyLoginForm",
    "authenticate_webauthn": "groups.doors.forms.signing_in.PasskeyStepForm",
}
MFA_ADAPTER = "groups.doors.adapters.MfaAdapter"
USERSESSIONS_ADAPTER = "groups.doors.adapters.SessionsAdapter"
USERSESSIONS_TRACK_ACTIVITY = False
KRING_SECOND_FACTOR = not DEMO

# Mail
MAIL_FROM_FALLBACK = "Kring <kring@localhost>"
DEFAULT_FROM_EMAIL = env("KRING_MAIL_FROM", default=MAIL_FROM_FALLBACK)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
KRING_SMTP_URL = env("KRING_SMTP_URL", default="")
KRING_SMTP_IN_THE_OPEN = _yes_or_no("KRING_SMTP_IN_THE_OPEN")  # without TLS, and meant
if PRODUCTION:
    if not KRING_SMTP_URL:
        raise ImproperlyConfigured("KRING_SMTP_URL must be set in production: smtp+tls://user:password@host:587")
    vars().update(_of_mail("KRING_SMTP_URL", KRING_SMTP_URL))
EMAIL_BACKEND = "portal.core.mail.SmtpBackend" if PRODUCTION else "portal.demo.mail.MailboxBackend"
EMAIL_TIMEOUT = 10

# How Kring itself does: who may ask, what it looks at, and how IT hears of it when mail may be what is broken.
KRING_HEALTH_TOKEN = env("KRING_HEALTH_TOKEN", default="")
KRING_METRICS_TOKEN = env("KRING_METRICS_TOKEN", default="")
KRING_METRICS_DIR = env("KRING_METRICS_DIR", default="")  # in memory, shared by the workers; empty: one process
KRING_ALARM_URL = env("KRING_ALARM_URL", default="")
if KRING_ALARM_URL and not KRING_ALARM_URL.startswith(("https://", "http://")):
    raise ImproperlyConfigured("KRING_ALARM_URL is the address of a page, https://…")
KRING_ALARM_SMTP_URL = env("KRING_ALARM_SMTP_URL", default="")
if KRING_ALARM_SMTP_URL:
    _of_mail("KRING_ALARM_SMTP_URL", KRING_ALARM_SMTP_URL)
KRING_ALARM_TO = [one.strip() for one in env("KRING_ALARM_TO", default="").split(",") if one.strip()]
KRING_TLS_ADDRESS = env("KRING_TLS_ADDRESS", default="")  # where the front is, when not at its public name
KRING_DATABASE_DIR = env("KRING_DATABASE_DIR", default="")  # the database's disk, where this machine sees it

# Whom to tell of a hole in Kring, as an address: mailto:… or https://…; stands in /.well-known/security.txt.
KRING_SECURITY_CONTACT = env("KRING_SECURITY_CONTACT", default="")
if KRING_SECURITY_CONTACT and not KRING_SECURITY_CONTACT.startswith(("mailto:", "https://")):
    raise ImproperlyConfigured("KRING_SECURITY_CONTACT begins with mailto: or https://")

# What shows on phones by itself: the key of this Kring, whom a push service may write to, and which services it calls.
KRING_PUSH_KEY = env("KRING_PUSH_KEY", default="")
KRING_PUSH_SUBJECT = env("KRING_PUSH_SUBJECT", default="") or KRING_SECURITY_CONTACT or KRING_BASE_URL
KRING_PUSH_SERVICES = [
    origin.strip().rstrip("/")
    for origin in env(
        "KRING_PUSH_SERVICES",
        default="https://fcm.googleapis.com,https://*.push.apple.com,https://updates.push.services.mozilla.com,"
        "https://*.notify.windows.com",
    ).split(",")
    if origin.strip()
]

# Language and time
LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Amsterdam"
USE_TZ = True

# Files
STATIC_URL = "/static/"
STATIC_ROOT = KRING_DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "portal.core.statics.OfThisRelease"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_MIMETYPES = {".webmanifest": "application/manifest+json"}
# Behind nginx the bytes of photos are its work, after the door was asked; empty: Django sends them.
KRING_ACCEL = env("KRING_ACCEL", default="")
# Where photos lie when not on this machine's disk: a bucket of whoever speaks S3, https://host/name (adr/0063).
KRING_BUCKET = env("KRING_BUCKET", default="").rstrip("/")
KRING_BUCKET_KEY = env("KRING_BUCKET_KEY", default="")
KRING_BUCKET_REGION = env("KRING_BUCKET_REGION", default="") or "us-east-1"
if KRING_BUCKET:
    if not re.fullmatch(r"https://[a-z0-9.:-]+/[a-z0-9.-]{3,63}", KRING_BUCKET):
        raise ImproperlyConfigured("KRING_BUCKET is the address of a bucket: https://host/name")
    if not re.fullmatch(r"[^:]+:.+", KRING_BUCKET_KEY):
        raise ImproperlyConfigured("KRING_BUCKET needs KRING_BUCKET_KEY, as NAME:SECRET")
    if find_spec("storages") is None:
        raise ImproperlyConfigured("KRING_BUCKET needs an image that was built with S3=yes")

# How long a message can still be called back before anybody reads it.
KRING_UNDO_SECONDS = _number("KRING_UNDO_SECONDS", 0 if KRING_MODE == "test" else 30, most=3600)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
# A copy for an access request sends a field for each of its lines; the size of a body is bounded above.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# The browser
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_USE_SESSIONS = False
CSRF_FAILURE_VIEW = "portal.core.views.csrf_failure"
MESSAGE_STORAGE = "portal.core.said.NewestSaid"
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGE_COOKIE_HTTPONLY = True
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^gezond/$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-kring"
    KRING_DEVICE_COOKIE = "__Host-kring-device"
    CSRF_COOKIE_NAME = "__Host-kring-csrf"
    LANGUAGE_COOKIE_SECURE = True
else:
    SESSION_COOKIE_SECURE = False
    SESSION_COOKIE_NAME = f"kring-{KRING_PORT}"
    KRING_DEVICE_COOKIE = f"kring-device-{KRING_PORT}"
    CSRF_COOKIE_NAME = f"kring-csrf-{KRING_PORT}"

KRING_ERRORS_URL = env("KRING_ERRORS_URL", default="")
if KRING_ERRORS_URL and not KRING_ERRORS_URL.startswith(("https://", "http://")):
    raise ImproperlyConfigured("KRING_ERRORS_URL is the address of a page, https://…")
_handlers: dict[str, dict[str, object]] = {
    "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["addresses", "outages"]}
}
if KRING_ERRORS_URL:
    _host = KRING_BASE_URL.partition("://")[2]
    _handlers["errors"] = {"class": "portal.core.error_sink.ErrorSink", "url": KRING_ERRORS_URL, "host": _host}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "portal.core.logs.WithoutWords", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "filters": {
        "addresses": {"()": "portal.core.logs.WithoutAddresses"},
        "outages": {"()": "portal.core.logs.OncePerOutage"},
    },
    "handlers": _handlers,
    "root": {"handlers": [*_handlers], "level": "WARNING"},
    "loggers": {
        "kring": {"level": "INFO"},
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # a scanner: it is refused, and no mistake of ours
    },
}
SILENCED_SYSTEM_CHECKS = [
    "guardian.W001",  # portal.core.access.Backend answers instead of guardian's own backend
    "security.W021",  # a list that browsers ship is for who owns the whole domain to ask for, and hard to leave
    "templates.W003",  # portal.core.templatetags.words takes the place of `i18n` on purpose
]
