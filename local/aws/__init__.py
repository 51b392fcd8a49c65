"""The AWS of the one-machine runtime: MiniStack behind a launcher of ours, and the CDK CLI."""
