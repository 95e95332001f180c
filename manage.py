#!/usr/bin/env python3
"""Django's command line for Kring; `KRING_MODE` chooses demo (default), test or production."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from portal.core.command_line import main

    sys.exit(main(sys.argv))
