"""Logging in and out, tokens and magic links over HTTP."""

import json
from base64 import b64decode
from typing import Annotated, Any
from urllib.parse import parse_qsl, unquote_plus

from fastapi import Depends, Path, Request
from fastapi.exceptions import RequestValidationError
from pydantic import SecretStr, ValidationError

from goviral.features.accounts.caps import KINDS, cap_of, used
from goviral.features.accounts.deps import (
    Caller,
    Paged,
    Reading,
    Router,
    Wired,
    Writing,
    admitted_login,
    not_by_link,
)
from goviral.features.accounts.links import (
    LinkWishes,
    create_link,
    links,
    redeem_login,
    revoke_link,
)
from goviral.features.accounts.logins import (
    TokenPair,
    by_client,
    by_key,
    by_password,
    log_out,
    refresh,
    revoke_refresh,
)
from goviral.features.accounts.refusals import refuses
from goviral.features.accounts.schemas import (
    Allowance,
    LinkMade,
    LinkOut,
    LinkToken,
    Listed,
    Me,
    NewLink,
    RefreshTokenIn,
    TokenOut,
    TokenRequest,
)
from goviral.features.accounts.services import Services
from goviral.kit.errors import InputError

router = Router(prefix="/auth", tags=["auth"])

_FORM = "application/x-www-form-urlencoded"
_TOKEN_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": TokenRequest.model_json_schema()}
            for kind in ("application/json", _FORM)
        },
    }
}


async def token_request(request: Request) -> TokenRequest:
    """The body, as JSON or as OAuth clients send it."""
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        given = dict(parse_qsl(body.decode())) if kind == _FORM else json.loads(body)
        if isinstance(given, dict):
            given |= _client_of(request)
        return TokenRequest.model_validate(given)
    except ValidationError as error:
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
        raise RequestValidationError(found) from error
    except (ValueError, RecursionError) as error:
        raise RequestValidationError(
            [{"loc": ("body",), "msg": "neither JSON nor a form", "type": "json_invalid"}]
        ) from error


def _client_of(request: Request) -> dict[str, str]:
    """A client that names itself by HTTP Basic, as OAuth libraries do (RFC 6749 2.3.1)."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    client_id, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    return {"client_id": unquote_plus(client_id), "client_secret": unquote_plus(secret)}


@router.post(
    "/token",
    response_model=TokenOut,
    dependencies=[Depends(admitted_login)],
    openapi_extra=_TOKEN_BODY,
    responses=refuses(401, 403),
)
def token(asked: Annotated[TokenRequest, Depends(token_request)], wired: Wired) -> Any:
    """Trade a credential for an access token of at most 15 minutes."""
    return _told(_granted(wired, asked))


@router.post(
    "/revoke",
    status_code=204,
    dependencies=[Depends(admitted_login)],
    responses=refuses(403),
)
def give_up_refresh_token(asked: RefreshTokenIn, session: Writing, wired: Wired) -> None:
    """End the login a refresh token belongs to. An unknown token is no error."""
    revoke_refresh(wired, session, asked.refresh_token.get_secret_value())


@router.post("/logout", status_code=204)
def logout(session: Writing, by: Caller, wired: Wired) -> None:
    """End the login of the access token this comes with."""
    log_out(wired, session, by)


@router.get("/me", response_model=Me)
def me(session: Reading, by: Caller, wired: Wired) -> Any:
    """Who the caller is, what he may do, and what is left of the month."""
    limits, now = wired.settings.limits, wired.clock()
    usage = {
        kind: Allowance(
            used=used(session, by.owner_id, kind, now), cap=cap_of(limits, by.plan, kind)
        )
        for kind in KINDS
    }
    return Me(
        kind=by.kind,
        user_id=by.user_id,
        owner_id=by.owner_id,
        roles=sorted(by.roles),
        scopes=sorted(by.scopes),
        plan=by.plan,
        subject=by.subject,
        usage=usage,
    )


@router.post("/magic", status_code=201, response_model=LinkMade)
def make_link(wanted: NewLink, session: Writing, by: Caller, wired: Wired) -> Any:
    """A link that lets its holder do one kind of thing, for a while."""
    wishes = LinkWishes(wanted.purpose, wanted.ttl_minutes, wanted.subject, wanted.challenge)
    row, text = create_link(wired, session, by, wishes)
    return LinkMade(
        id=row.id, token=text, purpose=row.purpose, subject=row.subject, expires_at=row.expires_at
    )


@router.get("/magic", response_model=Listed[LinkOut])
@not_by_link
def list_links(session: Reading, by: Caller, paging: Paged) -> Any:
    """The links one has made; for administrators everyone's."""
    return links(session, by).page(cursor=paging.cursor, limit=paging.limit)


@router.post(
    "/magic/redeem",
    response_model=TokenOut,
    dependencies=[Depends(admitted_login)],
    responses=refuses(401, 403),
)
def redeem(asked: LinkToken, session: Writing, wired: Wired) -> Any:
    """Log in with a link of the purpose `login`. POST only: a mail scanner's GET uses nothing up."""
    verifier = asked.verifier.get_secret_value() if asked.verifier else None
    return _told(redeem_login(wired, session, asked.token.get_secret_value(), verifier))


@router.delete("/magic/{link_id}", status_code=204)
@not_by_link
def take_link_back(
    link_id: Annotated[str, Path(max_length=64)], session: Writing, by: Caller, wired: Wired
) -> None:
    """Revoke a link."""
    revoke_link(session, wired.credentials, by, link_id, wired.clock())


def _granted(wired: Services, asked: TokenRequest) -> TokenPair:
    kind = asked.grant_type
    if kind == "refresh_token" or (kind is None and asked.refresh_token):
        return refresh(wired, _given(asked.refresh_token, "refresh_token"))
    if kind == "password" or (kind is None and asked.password):
        email = asked.email or asked.username or ""
        return by_password(wired, email, _given(asked.password, "password"))
    with wired.database.transaction() as session:
        if kind == "client_credentials" or (kind is None and asked.client_secret):
            secret = _given(asked.client_secret, "client_secret")
            return by_client(wired, session, asked.client_id or "", secret)
        return by_key(wired, session, _given(asked.api_key, "api_key"))


def _given(secret: SecretStr | None, name: str) -> str:
    if secret is None:
        raise InputError(
            f"There is no {name}.",
            remedy="Send api_key, client_id + client_secret, email + password, or refresh_token.",
        )
    return secret.get_secret_value()


def _told(pair: TokenPair) -> TokenOut:
    return TokenOut(
        access_token=pair.access_token,
        expires_in=pair.expires_in_s,
        scope=" ".join(sorted(pair.scopes)),
        refresh_token=pair.refresh_token,
    )
