"""A cache that never takes a page down: any error of Redis is a miss, and for a moment nobody asks it again."""

import logging
from time import monotonic
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from portal.core.domain.outage import Outage

log = logging.getLogger("kring.cache")
_redis_away = Outage(seconds=2)


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache with errors turned into misses; nothing that counts is only in here."""

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._or(default, super().get, key, default, version)

    def get_many(self, keys: Any, version: int | None = None) -> Any:
        return self._or({}, super().get_many, keys, version)

    def set(self, key: str, value: Any, *args: Any, **kwargs: Any) -> Any:
        return self._or(None, super().set, key, value, *args, **kwargs)

    def set_many(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        return self._or(list(data), super().set_many, data, *args, **kwargs)

    def add(self, key: str, value: Any, *args: Any, **kwargs: Any) -> Any:
        return self._or(True, super().add, key, value, *args, **kwargs)

    def touch(self, key: str, *args: Any, **kwargs: Any) -> Any:
        return self._or(False, super().touch, key, *args, **kwargs)

    def delete(self, key: str, version: int | None = None) -> Any:
        return self._or(False, super().delete, key, version)

    def delete_many(self, keys: Any, version: int | None = None) -> Any:
        return self._or(None, super().delete_many, keys, version)

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> Any:
        return self._or(delta, super().incr, key, delta, version)

    def has_key(self, key: str, version: int | None = None) -> Any:
        return self._or(False, super().has_key, key, version)

    @staticmethod
    def _or(fallback: Any, call: Any, *args: Any, **kwargs: Any) -> Any:
        if _redis_away.lasts(monotonic()):
            return fallback
        try:
            return call(*args, **kwargs)
        except (RedisError, OSError) as error:
            _redis_away.begins(monotonic())
            log.warning("cache: %s", type(error).__name__)
            return fallback
