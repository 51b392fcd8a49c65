"""The video stand-in: Amazon IVS on one machine.

One asyncio process takes RTMP from encoders, gives fragmented-MP4 HLS to players, answers the
control API that boto3's ``ivs`` client calls, and emits the events that IVS puts on EventBridge.
Run it with ``python -m local.video`` or hold a :class:`local.video.server.VideoStandIn` in a test.
"""
