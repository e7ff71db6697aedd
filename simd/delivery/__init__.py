"""Messages to people outside the daemon. The one owner of Apprise."""

from simd.delivery.sending import abandon, send
from simd.delivery.targets import check_target, hidden

__all__ = ["abandon", "check_target", "hidden", "send"]
