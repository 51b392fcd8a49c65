"""No secret leaves a function through its log."""
