"""Routes: what the fourth view asks."""

from fastapi import APIRouter

router = APIRouter(prefix="/api/nudge")
