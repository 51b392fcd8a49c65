"""The AWS infrastructure: the CDK app, and the building of layers and bundles that it deploys."""

import os

# The project supports Node 20, about whose age CDK's own process warns on stderr at each start.
os.environ["JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"] = "20"
