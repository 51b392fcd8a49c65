"""What each layer holds, and what of a package no function ever reads."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from enum import StrEnum


class Layer(StrEnum):
    """The layers; each but `SHARED` has a lock of its name in `locks/`."""

    BASE = "base"
    SIGNING = "signing"
    CLASSIFIER = "classifier"
    HISTORY = "history"
    AUDIENCE = "audience"
    SHARED = "shared"


PACKAGE_LAYERS = tuple(layer for layer in Layer if layer is not Layer.SHARED)

# Lambda's interpreters up to 3.11 stand on Amazon Linux 2 (glibc 2.26), later ones on Amazon
# Linux 2023 (glibc 2.34): https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
_GLIBC_MINOR = 26 if sys.version_info < (3, 12) else 34
_OLDEST_GLIBC_MINOR = 17


@dataclass(frozen=True, slots=True)
class Platform:
    """Where a layer will run.

    Attributes:
        name: Stands in the names of what is built.
        wheel_tags: The platform tags of wheels that fit; empty for those of this machine.
    """

    name: str
    wheel_tags: tuple[str, ...] = ()


HOST = Platform(f"{platform.system()}-{platform.machine()}".lower())
_GLIBC_MINORS = range(_GLIBC_MINOR, _OLDEST_GLIBC_MINOR - 1, -1)
ARM64 = Platform(
    "lambda-arm64",
    (*(f"manylinux_2_{minor}_aarch64" for minor in _GLIBC_MINORS), "manylinux2014_aarch64"),
)
PLATFORMS = {"host": HOST, "arm64": ARM64}

# The services that functions call; botocore describes some 430 in 27 MB.
SERVICES = (
    "apigatewaymanagementapi",
    "cloudfront",
    "cognito-idp",
    "comprehend",
    "dsql",
    "dynamodb",
    "events",
    "ivs",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "sts",
)

# Left out of every layer, as globs below its root.
DISCARDED = (
    "bin",
    "**/__pycache__",
    "**/tests",
    "**/*.pyi",
    "**/*.pyx",
    "**/*.pxd",
    "**/*.h",
    "**/*.c",
    "**/*.a",
    "**/py.typed",
    "*.dist-info/licenses",
    "aws_lambda_powertools/event_handler/openapi/swagger_ui",
    "boto3/data",
    "boto3/examples",
    "boto3-*.dist-info",
    "botocore/data/*/*/examples-1.json*",
    "dateutil/zoneinfo/*.tar.gz",
    "numpy/_core/include",
    "numpy/_pyinstaller",
    "numpy/distutils",
    "numpy/doc",
    "numpy/f2py",
    "numpy/random/_examples",
    "numpy/random/lib",
    "numpy/testing",
    "pydantic/v1",
    "pydantic/mypy.py",
)
# The only packages that ask for their own version when they are imported.
KEPT_METADATA = frozenset(
    {"aurora_dsql_python_connector", "psycopg", "psycopg_binary", "python_ulid"}
)
