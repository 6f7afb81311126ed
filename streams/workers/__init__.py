"""Workers: fold partitions of the read models from the bus."""
