"""Whose tokens the product trusts: its own Cognito pool, or an issuer that is there already."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from ayinel_live.runtime.names import OPERATOR_GROUP, Output
from infra.deployment import Deployment


@dataclass(frozen=True, slots=True)
class TokenIssuer:
    """An OpenID Connect issuer.

    Attributes:
        issuer: The tokens' `iss`.
        jwks_url: Where its keys are; apart from `issuer`, whose host the emulator's tokens name
            but nobody can reach.
        audiences: What `aud` or `client_id` must be one of.
    """

    issuer: str
    jwks_url: str
    audiences: tuple[str, ...]

    @property
    def environment(self) -> dict[str, str]:
        """The settings of functions that check tokens themselves."""
        return {
            "TOKEN_ISSUER": self.issuer,
            "TOKEN_JWKS_URL": self.jwks_url,
            "TOKEN_AUDIENCES": ",".join(self.audiences),
        }


def token_issuer(scope: Construct, deployment: Deployment) -> TokenIssuer:
    """Return the issuer that the context names, or make a pool and return its.

    Args:
        scope: Where a pool would belong.
        deployment: The deployment.
    """
    context = deployment.context
    if context.oidc_issuer:
        issuer = TokenIssuer(
            issuer=context.oidc_issuer,
            jwks_url=context.oidc_jwks_url or _key_set_of(context.oidc_issuer),
            audiences=tuple(part.strip() for part in context.oidc_audience.split(",")),
        )
    else:
        issuer = _own_pool(scope, deployment)
    for output, value in {
        Output.TOKEN_ISSUER: issuer.issuer,
        Output.TOKEN_AUDIENCES: ",".join(issuer.audiences),
    }.items():
        CfnOutput(scope, output, value=value).override_logical_id(output)
    return issuer


def _own_pool(scope: Construct, deployment: Deployment) -> TokenIssuer:
    is_protected = deployment.stage.is_protected
    pool = cognito.UserPool(
        scope,
        "Users",
        self_sign_up_enabled=True,
        # Access tokens name the user name and nothing else that people could be shown by, so each
        # person chooses one; the mail address signs in too.
        sign_in_aliases=cognito.SignInAliases(username=True, email=True),
        sign_in_case_sensitive=False,
        auto_verify=cognito.AutoVerifiedAttrs(email=True),
        account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
        password_policy=cognito.PasswordPolicy(min_length=12, require_symbols=False),
        standard_attributes=cognito.StandardAttributes(
            email=cognito.StandardAttribute(required=True, mutable=True),
            preferred_username=cognito.StandardAttribute(required=False, mutable=True),
        ),
        deletion_protection=is_protected,
        removal_policy=RemovalPolicy.RETAIN if is_protected else RemovalPolicy.DESTROY,
    )
    client = pool.add_client(
        "Pages",
        # The pages speak to the pool's API themselves and can keep no secret.
        generate_secret=False,
        auth_flows=cognito.AuthFlow(user_password=True, user_srp=True),
        o_auth=None,
        disable_o_auth=True,
        prevent_user_existence_errors=True,
        enable_token_revocation=True,
        access_token_validity=Duration.hours(1),
        id_token_validity=Duration.hours(1),
        refresh_token_validity=Duration.days(30),
    )
    cognito.CfnUserPoolGroup(
        scope,
        "Operators",
        user_pool_id=pool.user_pool_id,
        group_name=OPERATOR_GROUP,
        description="May stop any stream, ban creators and read reports",
    )
    for output, value in {
        Output.USER_POOL_ID: pool.user_pool_id,
        Output.USER_POOL_CLIENT_ID: client.user_pool_client_id,
    }.items():
        CfnOutput(scope, output, value=value).override_logical_id(output)
    region = deployment.region or Stack.of(scope).region
    issuer = f"https://cognito-idp.{region}.amazonaws.com/{pool.user_pool_id}"
    keys = issuer
    if deployment.stage.is_local:
        keys = f"{deployment.context.aws_endpoint_url}/{pool.user_pool_id}"
    return TokenIssuer(issuer, _key_set_of(keys), (client.user_pool_client_id,))


def _key_set_of(issuer: str) -> str:
    return f"{issuer.rstrip('/')}/.well-known/jwks.json"
