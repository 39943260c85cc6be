"""A contact centre as its interface shows it: people, groups, what happened and what happens now."""
