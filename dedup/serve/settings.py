"""How a server is set up: where it listens, who may ask, and every limit on what is asked."""

from __future__ import annotations

import dataclasses
import ipaddress
from pathlib import Path

from dedup.errors import BadInput, MissingInput, UsageError

LEAST_TOKEN = 16  # characters: one is guessed from afar, without end


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """host, port: where to listen; port 0 is any free one. token: see `open`. names: host names beside addresses.

    seconds: a request has, its way in and out included; longest: bytes of a request's body at most; gathered: of all
    bodies that are on their way in; connections: at once; poll: seconds between looks for a new commit. Raises
    UsageError where another address than this machine's would be open to everyone.
    """

    index: Path
    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = None
    names: tuple[str, ...] = ()
    seconds: float = 30.0
    longest: int = 2 << 20
    gathered: int = 64 << 20
    connections: int = 1000
    poll: float = 1.0

    def __post_init__(self) -> None:
        if self.token is not None and len(self.token) < LEAST_TOKEN:
            raise UsageError(problem=f"the token is shorter than {LEAST_TOKEN} characters: make a longer one")
        if self.token is not None and not (self.token.isascii() and self.token.isprintable()):
            raise UsageError(problem="the token has characters that are not of ASCII, which no header carries")
        if not self.local and self.token is None:
            raise UsageError(problem=f"{self.host} can be reached from other machines: give --token or --token-file")

    @property
    def local(self) -> bool:
        """Whether only this machine can reach the server: then reading needs no token, adding does."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def answers_to(self, host: str) -> bool:
        """Whether a Host header names this server: another site's name that leads here is refused.

        A page of a stranger may let its own name point to this machine and so read what the browser may
        (DNS rebinding). An address cannot be made to point elsewhere.
        """
        name = _name(host)
        if name is None:
            return False
        if name == "localhost" or name in {self.host.lower(), *(known.lower() for known in self.names)}:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or not self.local


def read_token(path: Path) -> str:
    """The token in a file, without the white space around it. Raises BadInput."""
    try:
        token = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise MissingInput(path=path) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(problem=f"the token file {path} cannot be read: {error}") from None
    if not token:
        raise BadInput(problem=f"the token file {path} is empty")
    return token


def _name(host: str) -> str | None:
    """The name or address of a Host header, in lower case, without its port; None where it is not one."""
    name, colon, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    if not colon:
        name = host
    elif not port.isdecimal():
        return None
    if name.startswith("[") and name.endswith("]"):
        return name[1:-1]
    return None if ":" in name or "[" in name else name.lower().removesuffix(".") or None
