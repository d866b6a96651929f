"""Batch transform: a model's handler over the files of a folder, without a server between.

What is split, batched, filtered, joined and assembled follows SageMaker's batch transform
(https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html).
"""
