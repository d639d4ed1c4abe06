"""The reports of every case, composed once."""

from remediator.reports.compose import compose
from tests.reports.cases import CASES, SETTINGS

REPORTS = {name: compose(case, SETTINGS) for name, case in CASES.items()}
