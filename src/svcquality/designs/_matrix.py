"""Moved to `svcquality.models.matrix`."""

from svcquality.models.matrix import *  # noqa: F403
from svcquality.models.matrix import MISSING as MISSING
