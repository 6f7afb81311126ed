"""Published contracts: the Avro codec, the golden schemas, the registry and the generated reference."""
