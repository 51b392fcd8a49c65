"""The pages on one machine: built with Vite, served as CloudFront serves them on AWS."""
