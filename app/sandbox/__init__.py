"""A stand-in for publiq, to try the product and to test it. Imports nothing of the rest."""

from app.sandbox.application import create_sandbox

__all__ = ["create_sandbox"]
