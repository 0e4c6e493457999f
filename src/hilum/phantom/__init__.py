"""A synthetic thorax data set, with which the first command works without a download."""
