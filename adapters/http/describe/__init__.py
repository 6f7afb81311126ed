"""The API describes itself: OpenAPI, AsyncAPI, the index and the pages of documentation."""
