"""The spec language: YAML files become checked, compiled machines, scenarios, properties and variants."""
