"""Settings of the peer: those of the product's server, with Django's plain middleware."""

from benchmarks.api_settings import *

ROOT_URLCONF = "benchmarks.api_peer"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
