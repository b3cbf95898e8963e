"""From YAML to checked values: files, targets, machines, properties, scenarios, variants, claims."""
