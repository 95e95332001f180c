"""The static files of production: hashed and compressed, and listed for this release alone."""

from pathlib import Path

from django.conf import settings
from django.core.files import File
from whitenoise.storage import CompressedManifestStaticFilesStorage


class OfThisRelease(CompressedManifestStaticFilesStorage):
    """Two releases serve from one folder while one takes over from the other, each by a list of its own."""

    manifest_name = f"staticfiles-{settings.BASE_DIR.name}.json"

    def _save(self, name: str, content: File) -> str:
        """Aside first: what was broken off halfway would be taken for a file that is there already, ever after."""
        aside = Path(self.path(f"{name}.new"))
        aside.unlink(missing_ok=True)
        super()._save(f"{name}.new", content)
        aside.replace(self.path(name))
        return name
