"""Routes: what the third view asks."""

from fastapi import APIRouter

router = APIRouter(prefix="/api/descend")
