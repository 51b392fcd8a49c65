"""Lost rights, carried through to the video: withdrawn invitations and bans end playback."""
