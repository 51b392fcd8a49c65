"""Build what the functions run on, without Docker: layers, the shared code, a bundle per function.

    recipes     what each layer holds and what is left out of it
    trees       trim, compile and pack a folder, the same way each time
    packages    a layer of packages, installed from its lock as wheels
    code        the product's own code: the shared layer and the functions' bundles

Everything is cached under `build/` by the hash of what it is made from. From the command line:
`python -m infra.layers [--platform host|arm64]`.
"""
