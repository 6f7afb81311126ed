"""The inbox: messages of publishers become events, or are refused."""
