"""What moderation mails, made when it leaves."""
