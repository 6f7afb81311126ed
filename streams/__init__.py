"""The flows over ports: publish, follow, project, rebuild, audit."""
