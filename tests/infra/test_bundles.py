"""Every function stands on its built bundle and its layers, and on nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from infra.layers.code import function_bundle, shared_layer
from infra.layers.packages import package_layer
from infra.layers.recipes import HOST, Layer
from infra.layers.trees import BundleError
from tests.infra.synthesis import synthesis
from tests.infra.test_functions import FOLDERS

# Like Lambda's own: no site packages, no folder of the caller, nothing of the user's environment.
ISOLATED = (sys.executable, "-I", "-S", "-B", "-W", "error")
AWS_VARIABLES = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_EC2_METADATA_DISABLED": "true",
}
CALL = """
import importlib, json, sys
sys.path[:0] = json.loads(sys.argv[1])
module = importlib.import_module(sys.argv[2])
assert callable(module.handler)
# An API imports its endpoints when one of them is asked for.
getattr(module.handler, "route_keys", None)
foreign = [
    name for name, loaded in list(sys.modules.items())
    if "site-packages" in (getattr(loaded, "__file__", None) or "")
]
assert not foreign, foreign
"""


def layers_of(name: str) -> list[Layer]:
    """Return the layers of a function, as its template names them."""
    found = synthesis("local")
    versions = found.resources("AWS::Lambda::LayerVersion")
    described = [
        versions[layer["Ref"]]["Properties"]["Description"]
        for layer in found.functions()[name]["Properties"]["Layers"]
    ]
    return [Layer(text.rsplit(" ", 1)[1]) for text in described]


def variables_of(name: str) -> dict[str, str]:
    """Return a function's environment, with something for each value that the deployment gives."""
    properties = synthesis("local").functions()[name]["Properties"]

    def stand_in(key: str) -> str:
        return "https://given.invalid/later" if key.endswith("_URL") else "given-later"

    return {
        key: value if isinstance(value, str) else stand_in(key)
        for key, value in properties["Environment"]["Variables"].items()
    }


def folder_of(layer: Layer) -> Path:
    return shared_layer() if layer is Layer.SHARED else package_layer(layer, HOST)


@pytest.mark.parametrize("name", FOLDERS)
def test_handler_is_imported_from_its_bundle_and_layers_alone(name: str, tmp_path: Path) -> None:
    folders = [str(function_bundle(name))]
    folders += [str(folder_of(layer) / "python") for layer in layers_of(name)]
    # An import must make no request, so an address that nobody answers does.
    variables = {**AWS_VARIABLES, **variables_of(name), "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    done = subprocess.run(
        [*ISOLATED, "-c", CALL, json.dumps(folders), f"functions.{name}.handler"],
        env=variables,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", FOLDERS)
def test_bundle_holds_one_function_with_its_bytecode(name: str) -> None:
    bundle = function_bundle(name)
    sources = {path.relative_to(bundle) for path in bundle.rglob("*.py")}
    folders = {path.parts[1] for path in sources if len(path.parts) > 2}
    assert folders == {name}
    for source in sources:
        compiled = source.parent / "__pycache__" / f"{source.stem}.{sys.implementation.cache_tag}"
        assert (bundle / f"{compiled}.pyc").is_file()


def test_a_function_without_its_folder_is_a_clear_fault() -> None:
    with pytest.raises(BundleError, match=r"^functions/no_such/handler\.py is missing"):
        function_bundle("no_such")
