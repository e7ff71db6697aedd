"""Telling many listeners what happened, without ever waiting for one of them."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Condition, Lock
from typing import Any


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that happened, as ``GET /v1/events`` tells it."""

    event: str
    data: Mapping[str, Any]


class Subscription:
    """The notices that one listener has not read yet; the oldest fall out when it is slow."""

    def __init__(self, capacity: int) -> None:
        self._notices: deque[Notice] = deque(maxlen=capacity)
        self._changed = Condition()
        self._closed = False

    def put(self, notice: Notice) -> None:
        """Leave a notice."""
        with self._changed:
            self._notices.append(notice)
            self._changed.notify()

    def close(self) -> None:
        """Let the reader go."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    @property
    def closed(self) -> bool:
        """Whether no more notices will come."""
        return self._closed

    def take(self, seconds: float) -> list[Notice]:
        """Wait up to ``seconds`` for notices; all that are there."""
        with self._changed:
            self._changed.wait_for(lambda: self._notices or self._closed, seconds)
            notices = list(self._notices)
            self._notices.clear()
            return notices


class Broadcast:
    """Hands every notice to every present subscription."""

    def __init__(self, capacity: int = 1_000) -> None:
        self._capacity = capacity
        self._subscriptions: set[Subscription] = set()
        self._lock = Lock()

    def subscribe(self) -> Subscription:
        """Begin to listen."""
        subscription = Subscription(self._capacity)
        with self._lock:
            self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop listening."""
        with self._lock:
            self._subscriptions.discard(subscription)
        subscription.close()

    def tell(self, event: str, **data: Any) -> None:
        """Leave a notice with every listener."""
        notice = Notice(event, data)
        with self._lock:
            listeners = list(self._subscriptions)
        for listener in listeners:
            listener.put(notice)

    def close(self) -> None:
        """Let every listener go."""
        with self._lock:
            listeners, self._subscriptions = list(self._subscriptions), set()
        for listener in listeners:
            listener.close()
