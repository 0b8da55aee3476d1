"""The API alone, in a process of its own, whose memory can be watched: FOLDER PORT [S3_URL]."""

import sys
from pathlib import Path

import uvicorn

from goviral.entrypoints.api.app import create_app
from goviral.kit.server_settings import StorageSettings
from kit.storage.buckets import BUCKET
from twins.service import over, settings_in


def main(folder: Path, port: int, s3_url: str = "") -> None:
    settings = settings_in(folder)
    if s3_url:
        storage = StorageSettings.model_validate(
            {
                "backend": "s3",
                "S3_BUCKET": BUCKET,
                "S3_ENDPOINT_URL": s3_url,
                "AWS_ACCESS_KEY_ID": "key",
                "AWS_SECRET_ACCESS_KEY": "secret",
            }
        )
        settings = settings.model_copy(update={"storage": storage})
    with over(settings) as services:
        uvicorn.run(create_app(services), host="127.0.0.1", port=port, log_level="error")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
