"""What several tests share: a checkout of their own to run in, nights in this process, a warehouse's contents."""
