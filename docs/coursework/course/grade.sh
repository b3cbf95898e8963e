#!/bin/sh
# Grades this repository; run it in a fresh checkout. $1 is the branch or commit whose question counts, say that of the template.
set -eu
if [ "$#" -gt 0 ]; then
    git checkout --quiet "$1" -- grading test_token.py conftest.py
fi
python3 -m venv .venv
.venv/bin/pip install -q -r requirements.txt
.venv/bin/python -m pytest -q --junitxml=points.xml
