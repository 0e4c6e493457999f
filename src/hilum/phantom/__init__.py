"""A synthetic thorax data set, so that the first command works without any download."""
