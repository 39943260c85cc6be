"""The product's own settings, on the database of the benchmark."""

from wfm.settings.dev import *

DATABASES["default"]["NAME"] = env("BENCHMARK_DATABASE")
