"""What protects every page: where a request may come from, and what the browser is told about the answer."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from service.domain.errors import Refused
from service.web.settings import WebSettings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "frame-ancestors": "'none'",
}
# The editors of diagrams and tables write style attributes into what they draw; the viewer does not.
EDITORS = frozenset({"owner"})
EDITOR_STYLES = "; style-src-attr 'unsafe-inline'"
POLICY = "; ".join(f"{name} {sources}" for name, sources in CSP.items())
PERMISSIONS = "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"
YEAR_S = 365 * 24 * 3600

csrf = CSRFProtect()


class ForeignOrigin(Refused):
    """这个请求不是从本系统的页面发出的，没有执行。"""

    def __init__(self) -> None:
        super().__init__("web.foreign_origin", (type(self).__doc__ or "").strip())


def init_app(app: Flask, settings: WebSettings) -> None:
    """Put the checks before, and the headers after every request."""
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.before_request(require_own_origin)
    csrf.init_app(app)
    app.after_request(add_headers)


def require_own_origin() -> None:
    """Refuse a change that a page of another site asks for.

    A browser names the origin of every POST; where only a Referer came, that counts. A client that sends
    neither is no browser, and the token alone decides.
    """
    if request.method in SAFE_METHODS:
        return
    told = request.headers.get("Origin") or request.headers.get("Referer")
    if told is not None and origin_of(told) != origin_of(request.host_url):
        raise ForeignOrigin


def origin_of(url: str) -> tuple[str, str]:
    """Scheme and host of an address, in lower case; two empty strings where it is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ("", "")
    return (parts.scheme.lower(), parts.netloc.lower())


def add_headers(response: Response) -> Response:
    """Tell the browser how little this answer may do."""
    policy = POLICY + (EDITOR_STYLES if request.blueprint in EDITORS else "")
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = PERMISSIONS
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"  # pages and files hold personal data
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = f"max-age={YEAR_S}; includeSubDomains"
    return response
