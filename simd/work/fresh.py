"""Signatures that have been read and are not in the catalogue yet."""

from collections import defaultdict, deque

from simd.core.model import Signature


class Fresh:
    """Signatures by the length of their files, so that a copy which comes meanwhile is not decoded as well.

    Two files may bring the same signature; it stays until both have taken it away again.
    """

    def __init__(self) -> None:
        self._of_size: defaultdict[int, dict[bytes, tuple[Signature, int]]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._of_size)

    def add(self, signature: Signature) -> None:
        """Have a signature, once more if it is there already."""
        same = self._of_size[signature.size]
        _, holders = same.get(signature.digest, (signature, 0))
        same[signature.digest] = (signature, holders + 1)

    def discard(self, signature: Signature) -> None:
        """Give up what was added once."""
        same = self._of_size[signature.size]
        _, holders = same.pop(signature.digest)
        if holders > 1:
            same[signature.digest] = (signature, holders - 1)
        if not same:
            del self._of_size[signature.size]

    def digests(self, size: int) -> frozenset[bytes]:
        """The digests of files of so many bytes."""
        return frozenset(self._of_size.get(size, ()))

    def find(self, digest: bytes, size: int) -> Signature | None:
        """The signature of a file of ``size`` bytes with this digest."""
        signature, _ = self._of_size.get(size, {}).get(digest, (None, 0))
        return signature


class Recent:
    """The last signatures that were made, whatever became of the files that they were made of."""

    def __init__(self, most: int) -> None:
        """Room for so many."""
        self._most = most
        self._of_size = Fresh()
        self._in_order: deque[Signature] = deque()

    def add(self, signature: Signature) -> None:
        """Have a signature, in the place of the oldest, unless it is there."""
        if self.find(signature.digest, signature.size) is not None:
            return
        self._of_size.add(signature)
        self._in_order.append(signature)
        if len(self._in_order) > self._most:
            self._of_size.discard(self._in_order.popleft())

    def digests(self, size: int) -> frozenset[bytes]:
        """The digests of files of so many bytes."""
        return self._of_size.digests(size)

    def find(self, digest: bytes, size: int) -> Signature | None:
        """The signature of a file of ``size`` bytes with this digest."""
        return self._of_size.find(digest, size)
