"""All settings, read from the environment. Closed by default: DEBUG off, no default secret, secure cookies.

Switches have names of their own; there is no notion of "the environment we run in". `.env.example` lists every key.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# Demo mode: invented people and figures, a band that says so, demo accounts allowed. Never for real data.
PORTAL_DEMO = env.bool("PORTAL_DEMO", False)
PORTAL_STATE = Path(env.str("PORTAL_STATE", str(BASE_DIR / ".local")))
PORTAL_BASE_URL = env.str("PORTAL_BASE_URL", "http://127.0.0.1:8000")
# Plain http is for a demonstration on one's own machine only; cookies then go without Secure.
PORTAL_INSECURE_HTTP = env.bool("PORTAL_INSECURE_HTTP", PORTAL_DEMO)

SECRET_KEY = env.str("SECRET_KEY")
DEBUG = env.bool("DEBUG", False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "axes",
    "csp",
    "django_htmx",
    "guardian",
    "portal.ui",
    "portal.jobs",
    "portal.trail",
    "portal.inbox",
    "institutions",
    "reports.schemes",
    "reports.rounds",
    "reports.filings",
    "reports.annual",
    "reports.numbers",
    "reports.summaries",
    "reports.versions",
    "review",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.trail.keeping.KeepRefusals",
    "portal.errors.RefusalMiddleware",
    "portal.trail.middleware.TrailContext",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.language.ReaderLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "institutions.middleware.IdleTimeout",
    "institutions.middleware.ActingMembership",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
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
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.ui.context.frame",
            ],
            "builtins": ["portal.ui.templatetags.zhibao", "django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

# PostgreSQL and the broker. Without DATABASE_URL / REDIS_URL `portal.embedded.ensure()` has set both.
DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"] |= {
    "CONN_MAX_AGE": env.int("CONN_MAX_AGE", 60),
    "CONN_HEALTH_CHECKS": True,
    "ATOMIC_REQUESTS": False,
    # Needed behind PgBouncer when it pools transactions.
    "DISABLE_SERVER_SIDE_CURSORS": env.bool("DISABLE_SERVER_SIDE_CURSORS", False),
}
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str("REDIS_URL")

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# Who
AUTH_USER_MODEL = "institutions.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "institutions.accounts.backends.NameBackend",
    "guardian.backends.ObjectPermissionBackend",
]
GUARDIAN_ANONYMOUS = None
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "email")},
    },
    {"NAME": "institutions.accounts.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "institutions.accounts.passwords.LengthLimit"},
    {"NAME": "institutions.accounts.passwords.ThreeKinds"},
    {"NAME": "institutions.accounts.passwords.NoContextWords"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 20 / 60  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # or anybody could keep a victim locked out for ever
AXES_CLIENT_IP_CALLABLE = "portal.trail.middleware.peer_address"
AXES_USERNAME_CALLABLE = "institutions.accounts.backends.axes_username"
AXES_LOCKOUT_CALLABLE = "institutions.accounts.views.locked_out"
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_VERBOSE = False
AXES_IPWARE_PROXY_COUNT = env.int("PROXY_COUNT", 0)
# Idle time-out in seconds; what was typed is saved on the server cell by cell, so nothing is lost.
IDLE_SECONDS = env.int("IDLE_SECONDS", 30 * 60)
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", 12) * 3600

# Invitations work so many days; codes of invitations tried from one network a minute.
INVITATION_DAYS = env.int("INVITATION_DAYS", 14)
INVITATIONS_A_MINUTE = env.int("INVITATIONS_A_MINUTE", 10)
# Applications for accounts from one network an hour, and follow-up codes tried a minute.
APPLICATIONS_AN_HOUR = env.int("APPLICATIONS_AN_HOUR", 10)
FOLLOW_UPS_A_MINUTE = env.int("FOLLOW_UPS_A_MINUTE", 10)

# A first password given by an administrator opens the account so many days.
FIRST_PASSWORD_DAYS = env.int("FIRST_PASSWORD_DAYS", 7)
# An account closes so many days after its last sign-in, and its person is warned so many days before.
ACCOUNT_IDLE_DAYS = env.int("ACCOUNT_IDLE_DAYS", 400)
ACCOUNT_WARNING_DAYS = env.int("ACCOUNT_WARNING_DAYS", 30)

# Reference numbers of refusals and errors can be looked up so many days, never less than the 180 the law wants of logs; of
# one account, or one network of visitors, so many a minute are kept.
REFUSAL_DAYS = env.int("REFUSAL_DAYS", 200)
REFUSALS_A_MINUTE = env.int("REFUSALS_A_MINUTE", 30)

# Language and time
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["portal.formats"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", str(BASE_DIR / "staticfiles"))()
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = env.bool("WHITENOISE_USE_FINDERS", PORTAL_DEMO)
MEDIA_ROOT = env.path("MEDIA_ROOT", str(PORTAL_STATE / "files"))()
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# A table of 200 rows saved without a script sends some 2,600 fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# Headers
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "portal.errors.csrf_failure"
if not PORTAL_INSECURE_HTTP:
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.int("PROXY_COUNT", 0) else None
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"

# Mail
vars().update(env.email("EMAIL_URL", default="consolemail://" if PORTAL_DEMO else "smtp://localhost:25"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "zhibao@localhost")

# Background work. PostgreSQL is the truth (portal.jobs); the broker is a hint that work is waiting.
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "retry_on_timeout": False,
    # One quick second attempt: whoever publishes must not wait for a broker that is down; the sweeper asks again.
    "max_retries": 1,
    "interval_start": 0.1,
    "interval_step": 0,
    "interval_max": 0.1,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(PORTAL_STATE / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep-jobs": {"task": "portal.jobs.tasks.sweep", "schedule": 30.0},
    "remind": {"task": "review.urging.tasks.remind", "schedule": 600.0},
    "tidy-numbers": {"task": "reports.numbers.tasks.tidy", "schedule": 60.0},
    "deliver-mail": {"task": "portal.inbox.tasks.deliver", "schedule": 60.0},
    "clear-workbooks": {"task": "reports.filings.spreadsheet.tasks.clear", "schedule": 3600.0},
    "sweep-attachments": {"task": "reports.annual.tasks.sweep_files", "schedule": 24 * 3600.0},
    "sweep-announced-files": {"task": "review.announcements.tasks.sweep_files", "schedule": 24 * 3600.0},
    "turn-rounds": {"task": "reports.rounds.tasks.turn", "schedule": 60.0},
    "close-grants": {"task": "institutions.tasks.close_grants", "schedule": 3600.0},
    "sweep-idle": {"task": "institutions.enrolment.tasks.sweep_idle", "schedule": 6 * 3600.0},
    "forget-refusals": {"task": "portal.trail.tasks.forget_refusals", "schedule": 24 * 3600.0},
    "fold-tallies": {"task": "review.tally.tasks.fold", "schedule": 60.0},
}
# A job without a sign of life this long is given to another worker; one the broker may have forgotten is told again.
JOB_STALE_SECONDS = env.int("JOB_STALE_SECONDS", 90)
JOB_QUEUED_SECONDS = env.int("JOB_QUEUED_SECONDS", 30)
JOB_ATTEMPTS = env.int("JOB_ATTEMPTS", 3)
JOB_RESULT_DAYS = env.int("JOB_RESULT_DAYS", 7)

# Report numbers: largest file, the most numbers of one range or paste, and the limits of the program that reads a file.
NUMBERS_FILE_MB = env.int("NUMBERS_FILE_MB", 100)
NUMBERS_RANGE_MOST = env.int("NUMBERS_RANGE_MOST", 100_000)
NUMBERS_CHILD_MB = env.int("NUMBERS_CHILD_MB", 1024)
NUMBERS_CHILD_SECONDS = env.int("NUMBERS_CHILD_SECONDS", 900)
# Look-ups of the public from one address and requests with one token, a minute; rows of a workbook made while one waits.
NUMBERS_LOOKUPS_A_MINUTE = env.int("NUMBERS_LOOKUPS_A_MINUTE", 10)
NUMBERS_API_A_MINUTE = env.int("NUMBERS_API_A_MINUTE", 60)
NUMBERS_SHEET_AT_ONCE = env.int("NUMBERS_SHEET_AT_ONCE", 20_000)

# Workbooks of filings: largest file, what an institution may have stored at once and for how long, and the limits of the
# program that opens one.
WORKBOOK_FILE_MB = env.int("WORKBOOK_FILE_MB", 8)
WORKBOOK_QUOTA_MB = env.int("WORKBOOK_QUOTA_MB", 64)
WORKBOOK_DAYS = env.int("WORKBOOK_DAYS", 14)
WORKBOOK_CHILD_MB = env.int("WORKBOOK_CHILD_MB", 512)
WORKBOOK_CHILD_SECONDS = env.int("WORKBOOK_CHILD_SECONDS", 20)

# Imports of the certificate register: largest file, and the limits of the program that reads one.
REGISTER_FILE_MB = env.int("REGISTER_FILE_MB", 40)
REGISTER_CHILD_MB = env.int("REGISTER_CHILD_MB", 1024)
REGISTER_CHILD_SECONDS = env.int("REGISTER_CHILD_SECONDS", 300)

# Files attached to an annual report: one, all of one report, and the program that looks into them.
ANNUAL_FILE_MB = env.int("ANNUAL_FILE_MB", 20)
ANNUAL_FILING_MB = env.int("ANNUAL_FILING_MB", 100)
ANNUAL_CHILD_MB = env.int("ANNUAL_CHILD_MB", 1024)
ANNUAL_CHILD_SECONDS = env.int("ANNUAL_CHILD_SECONDS", 30)

# Documents on paper: the longest HTML, the limits of the program that sets one, and what is set while somebody waits, in cells.
PAPER_HTML_MB = env.int("PAPER_HTML_MB", 8)
PAPER_CHILD_MB = env.int("PAPER_CHILD_MB", 1024)
PAPER_CHILD_SECONDS = env.int("PAPER_CHILD_SECONDS", 60)
PAPER_CELLS_AT_ONCE = env.int("PAPER_CELLS_AT_ONCE", 600)

# A request or job waits this long for a statement or lock before it fails with a clear message.
STATEMENT_TIMEOUT_MS = env.int("STATEMENT_TIMEOUT_MS", 0)
if STATEMENT_TIMEOUT_MS:
    DATABASES["default"]["OPTIONS"]["options"] = f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout=10000"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {"django.request": {"level": "ERROR"}},
}

# Where people turn for help; shown in the foot of every page and on every refusal.
HELP_CONTACTS = [
    (_("Questions about the forms and checks"), env.str("HELP_FORMS", "0591-00000001")),
    (_("Accounts and the web site"), env.str("HELP_SITE", "0591-00000002")),
]
