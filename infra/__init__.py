"""The AWS infrastructure: the CDK app, and the building of layers and bundles that it deploys."""
