"""Who may come in: whoever knows the secret."""

from hmac import compare_digest

from twisted.web.http_headers import Headers


def is_authorised(headers: Headers, token: str) -> bool:
    """Tell whether ``Authorization: Bearer TOKEN`` is there, once, with our token."""
    values = headers.getRawHeaders("authorization", [])
    if len(values) != 1:
        return False
    scheme, _, said = values[0].partition(" ")
    known = compare_digest(said.strip().encode(), token.encode())
    return known and scheme.lower() == "bearer"
