"""Build every layer and print where each is and what it weighs."""

from __future__ import annotations

import argparse
import sys
import time

from infra.layers.code import shared_layer
from infra.layers.packages import package_layer
from infra.layers.recipes import PACKAGE_LAYERS, PLATFORMS, Layer
from infra.layers.trees import BundleError, archive_of


def main() -> int:
    """Build the layers for one platform."""
    parser = argparse.ArgumentParser(prog="python -m infra.layers", description=__doc__)
    parser.add_argument("--platform", choices=sorted(PLATFORMS), default="host")
    platform = PLATFORMS[parser.parse_args().platform]
    try:
        for layer in Layer:
            started = time.monotonic()
            folder = package_layer(layer, platform) if layer in PACKAGE_LAYERS else shared_layer()
            size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            packed = archive_of(folder).stat().st_size
            seconds = time.monotonic() - started
            print(
                f"{layer:<11} {size / 1e6:6.1f} MB, zipped {packed / 1e6:5.1f} MB, "
                f"{seconds:5.1f} s  {folder}"
            )
    except BundleError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
