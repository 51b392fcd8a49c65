"""What may go wrong with the one-machine AWS.

```
AwsError
├── EnvironmentBuildError   the emulator's own Python environment could not be made
├── EmulatorError           the emulator did not start, died, or did not stop
└── DeploymentError         Node is missing or the CDK CLI failed
```
"""


class AwsError(Exception):
    """A fault whose message is one line that says what happened and what to do."""


class EnvironmentBuildError(AwsError):
    """Raised when the emulator's Python environment cannot be built from its lock."""


class EmulatorError(AwsError):
    """Raised when the emulator's port is taken, or it dies, or it does not answer in time."""


class DeploymentError(AwsError):
    """Raised when Node is missing or too old, or when the CDK CLI ends with a fault."""
