"""A cache that never takes a page down: any error of Redis is a miss, and for a moment nobody asks it again."""

import logging
from collections.abc import Callable, Iterable
from functools import cache
from time import monotonic
from typing import Any, ParamSpec, TypeVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import Redis
from redis.exceptions import RedisError

from portal.core.domain.outage import Outage

log = logging.getLogger("kring.cache")
_redis_away = Outage(seconds=2)


Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class _OneClient(RedisCacheClient):
    """Django makes a client for each question, which takes longer than asking; threads may share one."""

    def __init__(self, servers: list[str], **options: float) -> None:
        super().__init__(servers, **options)  # type: ignore[arg-type]
        self._client: Callable[..., Redis] = cache(Redis)


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache with errors turned into misses; nothing that counts is only in here."""

    def __init__(self, server: str, params: dict[str, object]) -> None:
        super().__init__(server, params)
        self._class = _OneClient

    def get(self, key: str, default: object = None, version: int | None = None) -> Any:
        return self._or(default, super().get, key, default, version)

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        return self._or({}, super().get_many, keys, version)

    def set(self, key: str, value: object, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._or(None, super().set, key, value, timeout, version)

    def set_many(
        self, data: dict[str, object], timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[str]:
        return self._or(list(data), super().set_many, data, timeout, version)

    def add(self, key: str, value: object, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._or(True, super().add, key, value, timeout, version)

    def touch(self, key: str, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._or(False, super().touch, key, timeout, version)

    def delete(self, key: str, version: int | None = None) -> bool:
        return self._or(False, super().delete, key, version)

    def delete_many(self, keys: Iterable[str], version: int | None = None) -> None:
        self._or(None, super().delete_many, keys, version)

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        return self._or(delta, super().incr, key, delta, version)

    def has_key(self, key: str, version: int | None = None) -> bool:
        return self._or(False, super().has_key, key, version)

    @staticmethod
    def _or(fallback: Answer, call: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        if _redis_away.lasts(monotonic()):
            return fallback
        try:
            return call(*args, **kwargs)
        except (RedisError, OSError) as error:
            if _redis_away.begins(monotonic()):
                log.warning("cache: %s; pages go on without it", type(error).__name__)
            return fallback
