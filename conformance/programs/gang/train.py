"""What each host has of the data, left in the model."""

import json
import os

host = os.environ["SM_CURRENT_HOST"]
files = sorted(os.listdir(os.environ["SM_CHANNEL_TRAIN"]))
print(f"{host} has {files}")
with open(os.path.join(os.environ["SM_MODEL_DIR"], f"{host}.json"), "w") as file:
    json.dump(files, file)
