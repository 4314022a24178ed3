"""The headers of every answer: what the browser may load, who may frame us, what it may keep.

Nothing is loaded from anywhere else, nothing runs or is styled inline, nobody may frame a page, and no page is kept on
a shared computer unless its view says that it may be.
"""

import secrets

from flask import Flask, Response, g, request

DIRECTIVES = (
    "default-src 'none'",
    "script-src 'self' 'nonce-{nonce}'",
    "style-src 'self' 'nonce-{nonce}'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
ONE_YEAR = 365 * 24 * 60 * 60


def csp_nonce() -> str:
    """Give the nonce of this answer: a script of ours carries it."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def init_security(app: Flask, *, production: bool) -> None:
    """Put the headers on every answer. Only production promises to be reached by HTTPS alone."""
    app.jinja_env.globals["csp_nonce"] = csp_nonce

    @app.after_request
    def guard(response: Response) -> Response:
        policy = "; ".join(DIRECTIVES).format(nonce=csp_nonce())
        for name, value in {**HEADERS, "Content-Security-Policy": policy}.items():
            response.headers.setdefault(name, value)
        if production:
            response.headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}; includeSubDomains"
        if request.endpoint == "static":
            _keep_static(response)
        elif "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response


def _keep_static(response: Response) -> None:
    """A static file asked for by the hash of its content can be kept; by its bare name it is asked for again."""
    if response.status_code in {200, 304}:
        kept = f"public, max-age={ONE_YEAR}, immutable" if "v" in request.args else "no-cache"
        response.headers["Cache-Control"] = kept
