"""The control API of IVS, as boto3's ``ivs`` client calls it."""
