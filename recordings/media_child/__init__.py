"""What decodes strangers' media: a process of its own, limited, without Django or network."""
