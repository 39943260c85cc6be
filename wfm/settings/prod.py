"""Production: every secret comes from the environment, everything over TLS."""

from wfm.settings.base import *
from wfm.settings.reading import number

SECRET_KEY = env("SECRET_KEY")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = number(env, "SECURE_HSTS_SECONDS", default=31_536_000, most=1_000_000_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=True)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=True)
SECURE_REDIRECT_EXEMPT = [r"^health(/live|/ready)?$"]  # a balancer asks without TLS, and is told no secret
SILENCED_SYSTEM_CHECKS = env.list("SILENCED_CHECKS", default=[])
if env.bool("TRUST_X_FORWARDED_PROTO", default=False):  # only a proxy that sets or strips it may be believed
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
