"""
How fast it is, against a baseline that is measured in the same run.

``python -m benchmarks`` tells ratios, which mean the same on any machine; the times
beside them are those of this one.
"""
