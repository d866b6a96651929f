"""Content-Type and Accept (RFC 9110, 8.3 and 12.5.1)."""

from .faults import Refused

JSON = "application/json"
CSV = "text/csv"
NPY = "application/x-npy"
ARROW = "application/vnd.apache.arrow.stream"
ARROW_FILE = "application/vnd.apache.arrow.file"
WRITABLE = (JSON, CSV, NPY, ARROW)


class MediaType:
    """A media type in lower case with its parameters."""

    def __init__(self, text):
        name, *rest = (text or JSON).split(";")
        self.name = name.strip().lower() or JSON
        self.parameters = {}
        for part in rest:
            key, _, value = part.partition("=")
            self.parameters[key.strip().lower()] = value.strip().strip('"')

    @property
    def is_json(self):
        """True for JSON and for any `+json` type."""
        return self.name == JSON or self.name.endswith("+json")

    @property
    def is_text(self):
        """True where the clouds hand the body to user code as text."""
        return self.is_json or self.name.startswith("text/")


def choose(accept):
    """The best media type that can be written for an Accept header; refuses with 406."""
    best, best_quality = None, 0.0
    for position, part in enumerate((accept or "*/*").split(",")):
        media = MediaType(part)
        try:
            quality = float(media.parameters.get("q", "1"))
        except ValueError:
            quality = 0.0
        match = _match(media)
        if match and quality > best_quality:
            best, best_quality = match, quality
    if best is None:
        raise Refused(406, "cannot answer as `%s`; ask for %s" % (accept, _listed(WRITABLE)))
    return best


def _match(media):
    if media.name in ("*/*", "application/*") or media.is_json:
        return JSON
    if media.name in (CSV, "text/*"):
        return CSV
    return media.name if media.name in (NPY, ARROW) else None


def _listed(names):
    return ", ".join("`%s`" % name for name in names)
