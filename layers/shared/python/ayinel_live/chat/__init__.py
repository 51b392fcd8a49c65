"""Chat: messages from send to verdict, and what moderators do about them."""
