"""Routes: networks to take away."""

from fastapi import APIRouter

router = APIRouter(prefix="/api/share")
