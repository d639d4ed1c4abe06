"""Amazon CloudFront in the sandbox."""
