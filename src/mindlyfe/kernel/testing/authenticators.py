"""What people have in their pockets: an authenticator app."""

from dataclasses import dataclass
from datetime import datetime

from pyotp.totp import TOTP

PERIOD_S = 30


@dataclass
class CodeApp:
    """An authenticator app. It remembers the step of its last code, since each is of use once."""

    secret: str
    step: int = 0

    def code(self, at: datetime) -> str:
        """A code that was not given yet: there are three at any moment."""
        now = int(at.timestamp()) // PERIOD_S
        self.step = max(self.step + 1, now - 1)
        assert self.step <= now + 1, "all codes of this moment were given"
        return TOTP(self.secret).generate_otp(self.step)
