#!/usr/bin/env python3
"""Django's command line for Kring; `KRING_MODE` chooses demo (default), test or production."""

import gc
import os
import sys

if __name__ == "__main__":
    gc.set_threshold(20_000, 20, 50)  # what a command loads stays until it ends: looking through it took a tenth
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from portal.core.command_line import main

    sys.exit(main(sys.argv))
