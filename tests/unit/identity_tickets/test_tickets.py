from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayinel_live.connections.model import Identity
from ayinel_live.identity.signatures import FixedSecrets
from ayinel_live.identity.tickets import TicketClaims, TicketIssuer, TicketVerifier
from ayinel_live.runtime.errors import UnauthenticatedError
from tests.support.clock import START
from tests.support.tickets import ticket_claims

SECRETS = FixedSecrets("a secret", "the one before")
CLAIMS = ticket_claims(display_name="Zoë 🦊")


def test_a_ticket_says_what_was_put_in() -> None:
    ticket = TicketIssuer(SECRETS).issue(CLAIMS)

    assert TicketVerifier(SECRETS).verify(ticket, START) == CLAIMS


def test_a_ticket_survives_the_rotation_of_its_secret() -> None:
    ticket = TicketIssuer(FixedSecrets("the one before")).issue(CLAIMS)

    assert TicketVerifier(SECRETS).verify(ticket, START) == CLAIMS


def test_a_ticket_ends_after_a_minute() -> None:
    ticket = TicketIssuer(SECRETS).issue(CLAIMS)

    with pytest.raises(UnauthenticatedError) as caught:
        TicketVerifier(SECRETS).verify(ticket, CLAIMS.expires_at)

    assert caught.value.code == "ticket-expired"


def test_a_ticket_of_a_foreign_secret_is_forged() -> None:
    ticket = TicketIssuer(FixedSecrets("mine")).issue(CLAIMS)

    with pytest.raises(UnauthenticatedError) as caught:
        TicketVerifier(SECRETS).verify(ticket, START)

    assert caught.value.code == "ticket-forged"


def test_other_claims_under_an_old_signature_are_forged() -> None:
    issuer = TicketIssuer(SECRETS)
    signature = issuer.issue(CLAIMS).rpartition(".")[2]
    other = issuer.issue(dataclasses.replace(CLAIMS, role="owner")).rpartition(".")[0]

    with pytest.raises(UnauthenticatedError) as caught:
        TicketVerifier(SECRETS).verify(f"{other}.{signature}", START)

    assert caught.value.code == "ticket-forged"


@given(st.text())
def test_no_text_makes_the_verifier_do_anything_but_refuse(ticket: str) -> None:
    with pytest.raises(UnauthenticatedError):
        TicketVerifier(SECRETS).verify(ticket, START)


@given(st.integers(min_value=0, max_value=10_000), st.characters(codec="utf-8"))
def test_no_changed_character_goes_unseen(place: int, character: str) -> None:
    ticket = TicketIssuer(SECRETS).issue(CLAIMS)
    place %= len(ticket)
    changed = ticket[:place] + character + ticket[place + 1 :]
    if changed == ticket:
        return

    with pytest.raises(UnauthenticatedError):
        TicketVerifier(SECRETS).verify(changed, START)


def test_the_context_is_text_throughout_and_reads_back() -> None:
    context = CLAIMS.to_context()

    assert all(isinstance(value, str) for value in context.values())
    assert context["isCounted"] == "true"
    assert TicketClaims.from_context({**context, "principalId": "user-1"}) == CLAIMS


def test_a_connection_carries_the_identity_that_its_ticket_said() -> None:
    identity = Identity.from_context(CLAIMS.to_context())

    for name in Identity.model_fields:
        said = getattr(CLAIMS, name)
        carried = getattr(identity, name)
        assert carried == (said.timestamp() if name.endswith("expires_at") else said)


@pytest.mark.parametrize("fault", [{"role": "king"}, {"expiresAt": "soon"}])
def test_an_impossible_context_is_refused(fault: dict[str, str]) -> None:
    with pytest.raises(UnauthenticatedError):
        TicketClaims.from_context(CLAIMS.to_context() | fault)


def test_a_context_without_a_claim_is_refused() -> None:
    context = CLAIMS.to_context()
    del context["ownerId"]

    with pytest.raises(UnauthenticatedError):
        TicketClaims.from_context(context)
