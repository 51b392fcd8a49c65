"""Who may open a chat connection: whoever brings a ticket of ours."""
