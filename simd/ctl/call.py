"""What every command is handed."""

from argparse import Namespace

from simd.client.http import Client
from simd.ctl.output import Output


class Call:
    """One call of simctl: what was asked, whom to ask, and where the answer goes."""

    __slots__ = ("arguments", "client", "output")

    def __init__(self, arguments: Namespace, client: Client, output: Output) -> None:
        self.arguments = arguments
        self.client = client
        self.output = output
