"""Which region can carry what: said when the app is synthesised, not half way through a deployment.

Amazon IVS and Aurora DSQL are in few regions. The first is the product, so that a region without it
is a fault; without the second there is no history, or one in a PostgreSQL of one's own.
"""

from __future__ import annotations

# https://docs.aws.amazon.com/general/latest/gr/ivs.html, as of 2026.
IVS_REGIONS = frozenset(
    {
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-south-1",
        "eu-central-1",
        "eu-west-1",
        "us-east-1",
        "us-west-2",
    }
)
# https://docs.aws.amazon.com/general/latest/gr/dsql.html, as of 2026.
DSQL_REGIONS = frozenset(
    {
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "us-east-1",
        "us-east-2",
        "us-west-2",
    }
)


def without_video(region: str) -> str | None:
    """Return what to say of a region where no video can be carried; None where it can.

    Args:
        region: Its name; "" where it is not known yet.
    """
    if not region or region in IVS_REGIONS:
        return None
    return f"Amazon IVS is not in {region}: deploy to one of {', '.join(sorted(IVS_REGIONS))}"


def without_door_logs(region: str, door_region: str) -> str | None:
    """Return what to say of a region from which CloudFront's logs cannot be asked for; else None.

    Args:
        region: Its name; "" where it is not known yet.
        door_region: The one from which they can.
    """
    if not region or region == door_region:
        return None
    return (
        f"CloudFront's access logs can be asked for in {door_region} alone: they are left out in "
        f"{region}. Those of the APIs and the buckets are written there as anywhere."
    )


def without_history(region: str) -> str | None:
    """Return what to say of a region without a database for history; None where there is one.

    Args:
        region: Its name; "" where it is not known yet.
    """
    if not region or region in DSQL_REGIONS:
        return None
    return (
        f"Aurora DSQL is not in {region}: history is left out. Give historyDsn of a PostgreSQL to "
        "have it, or hasHistoryCluster=false to say that this is meant."
    )
