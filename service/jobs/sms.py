"""Short messages over the HTTP gateway of the institute's provider."""

from __future__ import annotations

from dataclasses import dataclass, field

import requests
from requests.auth import AuthBase

from service.domain.outside import AddressRefused, Message, NotTaken, WayDown

WAITS_S = 10.0
REFUSED = 422  # what was sent is well formed, and this number will not be served
OF_THE_GATEWAY = frozenset({401, 403, 404, 405, 407, 408, 429})  # of no single number


@dataclass(frozen=True, slots=True)
class Bearer(AuthBase):
    """The token of the gateway. Given this way no `.netrc` of the machine replaces it."""

    token: str = field(repr=False)

    def __call__(self, asked: requests.PreparedRequest) -> requests.PreparedRequest:
        asked.headers["Authorization"] = f"Bearer {self.token}"
        return asked


@dataclass(frozen=True, slots=True)
class SmsGateway:
    """Implements `service.domain.outside.Transport`: POST {"to": …, "text": …}, the key as `Idempotency-Key`."""

    url: str
    token: str = field(repr=False)

    def send(self, message: Message) -> None:
        """Hand a message to the gateway. Raises: AddressRefused, NotTaken, WayDown."""
        sent = {"to": message.to, "text": message.text}
        status = self._status("POST", json=sent, headers={"Idempotency-Key": message.key})
        if status == REFUSED:
            raise AddressRefused(http=status)
        if status in OF_THE_GATEWAY or status >= 500:
            raise WayDown(http=status)
        if not 200 <= status < 300:
            raise NotTaken(http=status)

    def look(self) -> int:
        """What the gateway answers to one who sends nothing. Raises: WayDown where it does not answer."""
        return self._status("HEAD")

    def _status(self, method: str, **more: object) -> int:
        try:
            with requests.request(
                method,
                self.url,
                auth=Bearer(self.token),
                timeout=WAITS_S,
                allow_redirects=False,  # a token goes to whom it was given for
                stream=True,  # an answer of any length is not read
                **more,  # type: ignore[arg-type]
            ) as answer:
                return answer.status_code
        except requests.RequestException as error:
            raise WayDown(cause=type(error).__name__) from error
