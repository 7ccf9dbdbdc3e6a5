"""What the gates ``trivy`` and ``vulnerabilities`` have in common: what a policy demands, and how it is judged."""
