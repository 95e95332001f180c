"""The mails of this app: rendered when they leave, for what each reader may see at that moment."""
