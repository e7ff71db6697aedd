"""Tests of the HTTP door: a real uvicorn on a real Unix socket, before a stand-in of the service."""
