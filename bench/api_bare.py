"""The bare framework: FastAPI with the same models and the same insert and read, and nothing else.

`python -m bench.api_bare DATABASE_URL PORT`
"""

import sys
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException
from sqlalchemy import bindparam, insert, select

from goviral.features.library.models import Video
from goviral.features.library.schemas import Listed, NewVideo, VideoOut
from goviral.kit.clock import utc_now
from goviral.kit.db.database import Database
from goviral.kit.ids import new_id
from goviral.kit.paging import encode_cursor


def bare_app(url: str) -> FastAPI:
    """Validation in, one insert or one select through SQLAlchemy Core, validation out."""
    app, engine = FastAPI(), Database(url).engine
    videos: Any = Video.__table__
    reading = engine.execution_options(reading=True)
    # Made once, as ours are: else the bare side would pay for what it does not have to.
    one = select(videos).where(videos.c.id == bindparam("video_id"))
    newest = select(videos).order_by(videos.c.id.desc()).limit(51)
    new = insert(videos).returning(videos)

    def shown(row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "source": {"url": row["source_url"]}}

    @app.post("/api/v1/videos", status_code=201, response_model=VideoOut)
    def add_video(wanted: NewVideo) -> Any:
        now = utc_now()
        row: dict[str, Any] = {
            "id": new_id("vid"),
            "owner_id": "usr_bench",
            "title": wanted.title,
            "language": wanted.language,
            "state": "new",
            "source_url": wanted.url,
            "size_bytes": 0,
            "content_type": "",
            "facts": {},
            "created_at": now,
            "updated_at": now,
        }
        with engine.begin() as connection:
            made = connection.execute(new, row).mappings().one()
        return shown(dict(made))

    @app.get("/api/v1/videos", response_model=Listed[VideoOut])
    def list_videos() -> Any:
        with reading.connect() as connection:
            found = connection.execute(newest).mappings().all()
        more = encode_cursor(found[49]["id"]) if len(found) > 50 else None
        return {"items": [shown(dict(row)) for row in found[:50]], "next_cursor": more}

    @app.get("/api/v1/videos/{video_id}", response_model=VideoOut)
    def show_video(video_id: str) -> Any:
        with reading.connect() as connection:
            found = connection.execute(one, {"video_id": video_id})
            row = found.mappings().one_or_none()
        if row is None:
            raise HTTPException(404)
        return shown(dict(row))

    return app


if __name__ == "__main__":
    uvicorn.run(
        bare_app(sys.argv[1]),
        host="127.0.0.1",
        port=int(sys.argv[2]),
        log_level="warning",
        access_log=False,
        lifespan="off",
    )
