"""A user pool's `ProviderURL` can be asked for, which is what CDK takes for a token's issuer.

Upstream (services/cloudformation/provisioners.py, `_cognito_user_pool_attributes`) gives the
`ProviderName` but not the URL.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpool.html
"""

from ministack.services.cloudformation import provisioners


def apply() -> None:
    """Add the URL to the attributes."""
    attributes = provisioners._cognito_user_pool_attributes

    def attributes_with_url(pool_id: str) -> dict[str, str]:
        known: dict[str, str] = attributes(pool_id)
        return {**known, "ProviderURL": f"https://{known['ProviderName']}"}

    provisioners._cognito_user_pool_attributes = attributes_with_url
