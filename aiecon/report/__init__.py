"""From a question to a report: inputs prepared, notebooks run, pages made and signed with their provenance."""
