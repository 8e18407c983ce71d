"""Side by side with a plain stack: quality, speed and memory on the same questions in one run.

``python -m eval.bench --out docs/benchmarks.md`` measures and writes the page. Every stack and
phase runs in a process of its own, so that none pays for what another imported or remembered.
"""
