from __future__ import annotations

from fastapi import status


class ShopError(Exception):
    """What a service cannot do; the application answers it with the error's own status."""

    status_code = status.HTTP_400_BAD_REQUEST


class NotFoundError(ShopError):
    status_code = status.HTTP_404_NOT_FOUND


class ConflictError(ShopError):
    status_code = status.HTTP_409_CONFLICT


class GatewayError(ShopError):
    status_code = status.HTTP_502_BAD_GATEWAY
