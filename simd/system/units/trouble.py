"""What the service manager's own programs complain of, in words that help."""

from simd.core.errors import Failed

NO_BUS = (
    "Failed to connect to bus",
    "Failed to connect to user scope bus",
    "Failed to get D-Bus connection",
    "has not been booted with systemd",
)
"""How systemctl says that it reaches no instance of systemd."""

NO_DOMAIN = ("Domain does not support specified action", "Could not find domain")
"""How launchctl says that the user is not logged in at the screen."""

BY_HAND = "have it run this at every start: simd run --root DIR"


def trouble(complaint: str, *, booted: bool) -> Failed | None:
    """The error behind a complaint, if it is one that every command meets.

    Args:
        complaint: the standard error of a manager's program.
        booted: whether systemd runs the machine.
    """
    if any(words in complaint for words in NO_DOMAIN):
        return Failed(
            "launchd has no domain for this user, who is not logged in at the screen",
            hint="log in at the Mac itself, and try again in a terminal there",
        )
    if not any(words in complaint for words in NO_BUS):
        return None
    if not booted:
        return Failed(
            "systemd does not run this machine, which may be a container or have another init system",
            hint=BY_HAND,
        )
    return Failed(
        "no instance of systemd runs for this user",
        hint="log in as this user, not through su or sudo; without a session, as from cron, "
        "this is needed once: sudo loginctl enable-linger USER",
    )


def missing(program: str, reason: str) -> Failed:
    """The error for a manager's program that cannot be run."""
    return Failed(
        f"{program} cannot be run ({reason}): this machine has no service manager that simd knows",
        hint=f"{BY_HAND}; simd knows systemd and launchd",
    )
