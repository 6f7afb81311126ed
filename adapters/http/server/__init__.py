"""The server under the application: uvicorn, with bounds on what one client can take from the others."""
