"""Users of the local Cognito pool, and bearer tokens for them."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import Any, Self

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.errors import LocalError

OPERATOR_GROUP = "operators"
_MAIL_DOMAIN = "example.com"


class Accounts:
    """The user pool of the local stack.

    Args:
        endpoint_url: The emulator's endpoint.
        region: Its region.
        user_pool_id: The pool.
        client_id: The app client that the pages use too.
    """

    def __init__(self, endpoint_url: str, region: str, user_pool_id: str, client_id: str) -> None:
        self._client: Any = boto3.client(
            "cognito-idp",
            endpoint_url=endpoint_url,
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106  the emulator takes any
        )
        self._pool = user_pool_id
        self._client_id = client_id

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def token(self, name: str, *, operator: bool = False) -> str:
        """Return an access token, making the user first if there is none.

        Args:
            name: The user's name, which others see; the pool also gets `name@example.com`.
            operator: Whether the user belongs to the operators' group.

        Raises:
            LocalError: The pool refuses the name, or cannot be reached.
        """
        password = f"Aa1!{secrets.token_urlsafe(24)}"
        try:
            self._ensure_user(name, password)
            if operator:
                self._client.admin_add_user_to_group(
                    UserPoolId=self._pool, Username=name, GroupName=OPERATOR_GROUP
                )
            answer = self._client.initiate_auth(
                ClientId=self._client_id,
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": name, "PASSWORD": password},
            )
        except (BotoCoreError, ClientError) as error:
            raise LocalError(f"No token for {name!r}: {error}") from None
        token: str = answer["AuthenticationResult"]["AccessToken"]
        return token

    def _ensure_user(self, name: str, password: str) -> None:
        with suppress(self._client.exceptions.UsernameExistsException):
            self._client.admin_create_user(
                UserPoolId=self._pool,
                Username=name,
                MessageAction="SUPPRESS",
                UserAttributes=[
                    {"Name": "email", "Value": f"{name}@{_MAIL_DOMAIN}"},
                    {"Name": "email_verified", "Value": "true"},
                ],
            )
        self._client.admin_set_user_password(
            UserPoolId=self._pool, Username=name, Password=password, Permanent=True
        )
