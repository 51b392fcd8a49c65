"""The routes of owners, of those who report, and of operators."""

from __future__ import annotations

from functions.routes import Access, Route
from functions.streams_api.owner_schemas import (
    AllowCreatorQuery,
    CreatorPath,
    ErasureBody,
    HealthBody,
    InvitationListBody,
    InvitationPath,
    InvitationQuery,
    MessagePath,
    MetadataBody,
    RecordingBody,
    ReportBody,
    ReportDecisionBody,
    ReportedBody,
    ReportListBody,
    ReportPath,
    ReportQuery,
    ReportShownBody,
    StartBanBody,
)
from functions.streams_api.schemas import (
    ReasonedStreamPath,
    StreamChangesBody,
    StreamDetailsBody,
    StreamPath,
)

CHANGE = Route(
    "PATCH",
    "/{streamId}",
    "change_stream",
    Access.SIGNED_IN,
    "Change title, description or visibility",
    request=StreamChangesBody,
    response=StreamDetailsBody,
    parameters=StreamPath,
    problems=(403, 404, 409),
    requests_per_second=20,
    burst=40,
)
DELETE = Route(
    "DELETE",
    "/{streamId}",
    "delete_stream",
    Access.SIGNED_IN,
    "Delete a stream with its chat, analytics and recording",
    parameters=ReasonedStreamPath,
    status=202,
    problems=(403, 404, 409),
    requests_per_second=5,
    burst=20,
)
HEALTH = Route(
    "GET",
    "/{streamId}/health",
    "show_health",
    Access.SIGNED_IN,
    "How the ingest does",
    response=HealthBody,
    parameters=StreamPath,
    problems=(403, 404),
)
RECORDING = Route(
    "GET",
    "/{streamId}/recording",
    "show_recording",
    Access.OPTIONAL_TOKEN,
    "The recording of a broadcast",
    response=RecordingBody,
    parameters=StreamPath,
    problems=(404,),
)
METADATA = Route(
    "POST",
    "/{streamId}/metadata",
    "put_metadata",
    Access.SIGNED_IN,
    "Send data to the players within the video",
    request=MetadataBody,
    parameters=StreamPath,
    status=204,
    problems=(403, 404, 409),
)
LIST_INVITATIONS = Route(
    "GET",
    "/{streamId}/invitations",
    "list_invitations",
    Access.SIGNED_IN,
    "Who is invited to a private stream",
    response=InvitationListBody,
    parameters=InvitationQuery,
    problems=(403, 404),
)
INVITE = Route(
    "PUT",
    "/{streamId}/invitations/{userId}",
    "invite",
    Access.SIGNED_IN,
    "Invite a person to a private stream",
    parameters=InvitationPath,
    status=204,
    problems=(403, 404, 409),
)
WITHDRAW_INVITATION = Route(
    "DELETE",
    "/{streamId}/invitations/{userId}",
    "withdraw_invitation",
    Access.SIGNED_IN,
    "Withdraw an invitation; the person is shut out at once",
    parameters=InvitationPath,
    status=204,
    problems=(403, 404),
)
REPORT_STREAM = Route(
    "POST",
    "/{streamId}/reports",
    "report_stream",
    Access.SIGNED_IN,
    "Report a stream",
    request=ReportBody,
    response=ReportedBody,
    parameters=StreamPath,
    status=202,
    problems=(404,),
    requests_per_second=20,
    burst=40,
)
REPORT_MESSAGE = Route(
    "POST",
    "/{streamId}/messages/{messageId}/reports",
    "report_message",
    Access.SIGNED_IN,
    "Report a chat message",
    request=ReportBody,
    response=ReportedBody,
    parameters=MessagePath,
    status=202,
    problems=(404,),
    requests_per_second=20,
    burst=40,
)
LIST_REPORTS = Route(
    "GET",
    "/reports",
    "list_reports",
    Access.SIGNED_IN,
    "Reports, newest first; for operators",
    response=ReportListBody,
    parameters=ReportQuery,
    problems=(403,),
)
DECIDE_REPORT = Route(
    "PUT",
    "/reports/{reportId}",
    "decide_report",
    Access.SIGNED_IN,
    "Settle a report; for operators",
    request=ReportDecisionBody,
    response=ReportShownBody,
    parameters=ReportPath,
    problems=(403, 404),
)
BAN_CREATOR = Route(
    "PUT",
    "/creators/{userId}/start-ban",
    "ban_creator",
    Access.SIGNED_IN,
    "Keep a creator from starting streams and end the open one; for operators",
    request=StartBanBody,
    parameters=CreatorPath,
    status=204,
    problems=(403, 409),
)
ALLOW_CREATOR = Route(
    "DELETE",
    "/creators/{userId}/start-ban",
    "allow_creator",
    Access.SIGNED_IN,
    "Let a creator start streams again; for operators",
    parameters=AllowCreatorQuery,
    status=204,
    problems=(403,),
)
ERASE_ME = Route(
    "DELETE",
    "/users/me",
    "erase_me",
    Access.SIGNED_IN,
    "Erase everything of the caller, in the background",
    response=ErasureBody,
    status=202,
    requests_per_second=2,
    burst=5,
)

OWNER_ROUTES: tuple[Route, ...] = (
    CHANGE,
    DELETE,
    HEALTH,
    RECORDING,
    METADATA,
    LIST_INVITATIONS,
    INVITE,
    WITHDRAW_INVITATION,
    REPORT_STREAM,
    REPORT_MESSAGE,
    LIST_REPORTS,
    DECIDE_REPORT,
    BAN_CREATOR,
    ALLOW_CREATOR,
    ERASE_ME,
)
