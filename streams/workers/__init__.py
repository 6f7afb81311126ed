"""Workers: fold the partitions of the read models from the message bus."""
