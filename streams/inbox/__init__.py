"""The inbox: messages of upstream systems become events, or are refused."""
