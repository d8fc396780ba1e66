"""Print the studio's OpenAPI schema, of which the page's types are made: `npm run types` in page/."""

import json
import sys
import tempfile
from pathlib import Path

from glassnet.studio.app import create_app

with tempfile.TemporaryDirectory() as folder:
    json.dump(create_app(Path(folder)).openapi(), sys.stdout)
