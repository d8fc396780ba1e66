"""Routes: what the fifth view asks."""

from fastapi import APIRouter

router = APIRouter(prefix="/api/judge")
