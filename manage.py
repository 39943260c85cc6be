#!/usr/bin/env python
"""The door for commands."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from wfm.embedded.folders import BundledServerError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wfm.settings.dev")
    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, BundledServerError) as error:  # it says which variable to set, and how
        sys.exit(f"{type(error).__name__}: {error}")
