"""Names of the metrics, shared by the functions that emit them and the dashboards that show them.

Past-tense PascalCase; dimensions are `service` and `stage` only. Emitted in the embedded metric
format (EMF), which costs no API call.
"""

from __future__ import annotations

NAMESPACE = "AyinelLive"
