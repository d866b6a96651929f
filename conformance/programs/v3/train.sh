#!/bin/bash
# What the third SDK calls: a script among its own, all of it below /opt/ml.
set -eu
test "$PWD" = /opt/ml/input/data/code
test -f /opt/ml/input/config/hyperparameters.json
echo "host=$SM_CURRENT_HOST arguments=$*"
python3 train.py "$@"
test -s /opt/ml/model/model.joblib
