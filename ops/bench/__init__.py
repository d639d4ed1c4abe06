"""Speed in one run: ratios, slopes and counts beside the aims. `python -m ops.bench`; docs/performance.md reads them.

Absolute times are the machine's; only what compares two things of the same run is the product's.
"""
