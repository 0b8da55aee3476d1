"""The same service on PostgreSQL, Redis, Celery and S3, as processes of their own."""

from pathlib import Path

import httpx2
import pytest

from e2e.films import film
from entrypoints.running.child import goviral
from goviral.client import GoViral
from kit.storage.buckets import BUCKET
from twins.http_server import LocalServer, Reply
from twins.live import until

SECRET = "a-secret-of-many-machines-0123456789"


@pytest.mark.slow
def test_an_upload_is_looked_at_and_told_of_by_workers_of_celery(
    tmp_path: Path, postgres_url: str, redis_url: str, s3_server_url: str
) -> None:
    settings = {
        "DATABASE_URL": postgres_url,
        "REDIS_URL": redis_url,
        "JOBS_BACKEND": "celery",
        "JOBS_AI_CONCURRENCY": "0",
        "JOBS_PUBLISH_CONCURRENCY": "0",
        "DELIVERY_TRUSTED_ADDRESSES": '["127.0.0.1"]',
        "STORAGE_BACKEND": "s3",
        "S3_BUCKET": BUCKET,
        "S3_ENDPOINT_URL": s3_server_url,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "JWT_SECRET": SECRET,
    }
    with goviral(tmp_path, "up", **settings) as refused:
        assert refused.end() == 2
    assert "Run `goviral db upgrade`" in refused.text
    with goviral(tmp_path, "db", "upgrade", **settings) as upgrade:
        assert upgrade.end() == 0
    with goviral(tmp_path, "up", "--port", "0", **settings) as up:
        url = up.url
        for queue in ("media", "uploads", "webhooks", "default"):
            up.wait_for(f"Works on {queue}")
        with LocalServer(lambda _request: Reply(200)) as receiver, GoViral(url, up.key) as client:
            client.webhooks.create(f"{receiver.url}/hook", ["upload.ready"])
            checks = client.health().checks
            assert {name: check["ok"] for name, check in checks.items()} == {
                "database": True,
                "redis": True,
                "storage": True,
            }
            upload = client.uploads.send(film(tmp_path / "film.mp4", seconds=2), wait_s=300)
            assert upload.state == "ready"
            kinds = (event.type for event in client.events(after=0))
            assert next(kinds) == "upload.ready"
            until(lambda: [request.path for request in receiver.requests] == ["/hook"])
        # Counted by a child of the worker, shown by the API: they share a folder.
        until(lambda: 'app_job_seconds_count{outcome="succeeded"' in metrics(url))
        assert up.stop(within_s=120) == 0
    assert "ended with" not in up.text
    assert SECRET not in up.text
    assert "[config]" not in up.text, "Celery shows its banner between the lines of the log"


def metrics(url: str) -> str:
    return httpx2.get(f"{url}/metrics", timeout=60).text
