"""The reports of every case, composed once."""

from remediator.reports.compose import compose
from tests.report.cases import CASES, SETTINGS

REPORTS = {name: compose(case, SETTINGS) for name, case in CASES.items()}
