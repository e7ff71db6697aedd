"""What keeps a process of several threads together: clock, mailbox, named threads, broadcast."""
