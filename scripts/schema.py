"""Write the studio's OpenAPI schema to a file, page/openapi.json: `npm run types` in page/ makes the types of it."""

import json
import sys
import tempfile
from pathlib import Path

from glassnet.studio.app import create_app

with tempfile.TemporaryDirectory() as folder:
    schema = create_app(Path(folder)).openapi()
Path(sys.argv[1]).write_text(json.dumps(schema), encoding="utf-8")
