"""What the conformance tests are made with: a server of their own, the recorder, the models."""
